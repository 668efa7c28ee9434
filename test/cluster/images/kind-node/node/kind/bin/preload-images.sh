#!/bin/bash
# Imports every archive of /kind/images, and gives its image the names that stand next to it.
set -eu
for archive in /kind/images/*.tar; do
  imported=$(ctr -n k8s.io images import "$archive" | sed -n 's/^unpacking \([^ ]*\) .*/\1/p')
  names=${archive%.tar}.names
  [ ! -e "$names" ] || while read -r name; do ctr -n k8s.io images tag --force "$imported" "$name"; done <"$names"
  rm "$archive"
done
