#!/bin/bash
# PID 1 of a test node: makes the node's mounts and network, then starts and stops daemons as the control fifo says.
# It is the first process of new PID, mount, network, IPC and UTS namespaces. When it is killed, the kernel ends every
# daemon and pod, drops every mount and destroys the network, so nothing in here cleans up.
#
# usage: init.sh STATE NODE_ADDRESS SERVICE_RANGE
set -eu
state=$1 node_address=$2 service_range=$3

# None of this may ever touch the machine itself.
[ $$ = 1 ] || { echo 'init.sh must be PID 1 of its own namespaces' >&2; exit 1; }

mounts() {
  # The kubelet wants shared mounts; their only peers are in here.
  mount --make-rshared /
  # Holds containerd's sockets, runc's state and the pods' network namespaces.
  mount -t tmpfs -o mode=755 tmpfs /run
  # These paths can't be configured. Where they were missing, empty folders stay behind on the machine.
  mkdir -p /run/netns /var/lib/kubelet /var/lib/cni /var/log/containers
  mount --bind "$state/kubelet" /var/lib/kubelet
  mount --bind "$state/cni-state" /var/lib/cni
  mount --bind "$state/container-logs" /var/log/containers
}

# The kubelet writes these machine-wide settings unless they already read as it wants.
settings() {
  pretend vm/overcommit_memory 1
  pretend vm/panic_on_oom 0
  pretend kernel/panic 10
  pretend kernel/panic_on_oops 1
  pretend kernel/keys/root_maxkeys 1000000
  pretend kernel/keys/root_maxbytes 25000000
}

pretend() {
  local file=$state/sysctl/${1//\//.}
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}

network() {
  # IPv6 is ::1 and nothing else.
  [ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
  ip link set lo up
  ip link add node0 type veth peer name node1
  ip link set node1 up
  ip addr add "$node_address/32" dev node0
  ip link set node0 up
  # The node must have a route for Service addresses before they are translated.
  ip route add "$service_range" dev node0 src "$node_address"
  # Nothing leaves: EHOSTUNREACH at once instead of a hang; without the second line only for the first few of a burst.
  ip route add unreachable default
  echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
  echo 1 >/proc/sys/net/ipv4/ip_forward
}

start() {
  local name=$1 command code
  mapfile -t command <"$state/daemons/$name"
  rm -f "$state/stopped/$name"
  (
    "${command[@]}" </dev/null >>"$state/logs/$name.log" 2>&1 &
    echo $! >"$state/running/$name"
    code=0
    wait $! || code=$?
    [ -e "$state/stopped/$name" ] || echo "$name ended with code $code" >>"$state/exits"
    rm "$state/running/$name"
  ) &
}

# Ends a daemon at once, as a crash would; its file in running/ is gone when it is.
stop() {
  [ -e "$state/running/$1" ] || return 0
  touch "$state/stopped/$1"
  kill -KILL "$(<"$state/running/$1")"
}

mounts
settings
network
# Open for both directions, so that reading never meets an end of file.
exec 3<>"$state/control"
while read -r verb name <&3; do
  case $verb in
    start) start "$name" ;;
    stop) stop "$name" ;;
    *) echo "unknown command: $verb $name" >&2 ;;
  esac
done
