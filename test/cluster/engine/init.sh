#!/bin/bash
# PID 1 of a Docker engine for tests: makes its mounts and network, then runs dockerd until it ends. It is the first process
# of new PID, mount, network, IPC and UTS namespaces. When it is killed, the kernel ends the engine and its containers,
# drops their mounts and destroys bridges, rules and networks, so nothing in here cleans up.
#
# usage: init.sh STATE NAME PROGRAMS
set -eu
state=$1 name=$2 programs=$3

# None of this may ever touch the machine itself.
[ $$ = 1 ] || { echo 'init.sh must be PID 1 of its own namespaces' >&2; exit 1; }

mount --make-rprivate /
mount -t tmpfs -o mode=755 tmpfs /run
# kind shows it to its nodes, and dockerd would make it on the machine.
if [ ! -e /lib/modules ]; then
  mkdir -p /run/lib/modules
  mount -t overlay -o lowerdir=/run/lib:/lib overlay /lib
fi
ip link set lo up

# Where the machine lacks a right, so do its containers: runc would refuse the privileged ones that kind runs.
export PATH="$(dirname "$0"):$programs/usr/sbin:$programs/usr/bin:$PATH"
dockerd --host "unix://$state/docker.sock" --group root --cgroup-parent "/$name" \
  --data-root "$state/data" --exec-root /run/docker --pidfile /run/docker.pid &
# Not exec: PID 1 has to reap what containers leave behind.
wait $!
