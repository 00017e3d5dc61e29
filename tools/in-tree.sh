#!/usr/bin/env bash
# Run a command in the tree $1 as if it were a machine: with its own mounts, host name and processes. As root.
#
#   in-tree.sh [--scratch FOLDER] [--bind FROM:TO] TREE COMMAND ...
#
# With --scratch the tree stays as it is: what changes lies in FOLDER. The network is this machine's.
set -euo pipefail

scratch='' binds=()
while [[ "${1:-}" == --* ]]; do
  case "$1" in
    --scratch) scratch="$2" ;;
    --bind) binds+=("$2") ;;
    *) echo "in-tree: expected --scratch or --bind, found $1" >&2; exit 2 ;;
  esac
  shift 2
done
tree="$1"
shift
[[ "$(id -u)" == 0 ]] || { echo "in-tree: expected root, who alone may mount; found $(id -un)" >&2; exit 1; }

# shellcheck disable=SC2016 # expanded by the bash within
enter='
  set -euo pipefail
  scratch="$1" tree="$2" binds="$3"
  shift 3
  mount --make-rprivate /
  if [[ -n "${scratch}" ]]; then
    mkdir -p "${scratch}"/{upper,work,root}
    mount -t overlay overlay -o "lowerdir=${tree},upperdir=${scratch}/upper,workdir=${scratch}/work" "${scratch}/root"
    tree="${scratch}/root"
  fi
  mount -t proc proc "${tree}/proc"
  mount --rbind /dev "${tree}/dev"
  cp --remove-destination /etc/resolv.conf "${tree}/etc/resolv.conf"
  while IFS=: read -r from to; do
    [[ -n "${from}" ]] || continue
    mkdir -p "${tree}${to}"
    mount --bind "${from}" "${tree}${to}"
  done <<<"${binds}"
  exec chroot "${tree}" "$@"'
exec unshare --mount --uts --pid --fork --kill-child bash -c "${enter}" in-tree "${scratch}" "${tree}" \
  "$(printf '%s\n' "${binds[@]}")" "$@"
