#!/bin/bash
# The kubelet writes these machine-wide settings unless they already read as it wants, and the machine is not this node's.
set -eu
pretend() {
  local file=/run/settings/${1//\//.}
  [ ! -e "$file" ] || return 0
  echo "$2" >"$file"
  mount --bind "$file" "/proc/sys/$1"
}
mkdir -p /run/settings
pretend vm/overcommit_memory 1
pretend vm/panic_on_oom 0
pretend kernel/panic 10
pretend kernel/panic_on_oops 1
pretend kernel/keys/root_maxkeys 1000000
pretend kernel/keys/root_maxbytes 25000000
