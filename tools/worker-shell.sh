#!/usr/bin/env bash
# A shell on a machine as a worker has it, with what changing GeMS takes, and this folder as /src. In the develop image
# where there is docker; else, as root, in a tree of Debian 12 that is kept in $GEMS_CACHE. Arguments are run in its place.
set -euo pipefail
cd "$(dirname "$0")/.."

run=(bash)
(($# == 0)) || run=("$@")
if docker info >/dev/null 2>&1; then
  tools/image.sh develop
  exec docker run --rm --interactive --tty --user "$(id -u):$(id -g)" --volume "${PWD}:/src" gems/develop "${run[@]}"
fi
bare="$(tools/bare-debian.sh bookworm)"
tree="${bare}-develop"
if [[ ! -e "${tree}" ]]; then
  echo 'Making the development tree (a minute or two, once) ...' >&2
  rm -rf "${tree}.part"
  cp -a "${bare}" "${tree}.part"
  tools/in-tree.sh --bind "${PWD}/userdata:/mnt" "${tree}.part" bash /mnt/provision.sh develop
  mv "${tree}.part" "${tree}"
fi
exec tools/in-tree.sh --bind "${PWD}:/src" "${tree}" env -i HOME=/root TERM="${TERM:-dumb}" LANG=C.UTF-8 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -c 'cd /src && exec "$@"' shell "${run[@]}"
