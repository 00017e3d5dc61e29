#!/usr/bin/env bash
# A bare Debian of the suite $1 (bookworm), with cloud-init as in the cloud's images: a tree, kept in $GEMS_CACHE. Prints
# its path. As root. The packages come from where this machine's own come from.
set -euo pipefail

suite="${1:-bookworm}"
cache="${GEMS_CACHE:-${XDG_CACHE_HOME:-${HOME}/.cache}/gems}"
tree="${cache}/trees/${suite}"
tools="$(cd "$(dirname "$0")" && pwd)"

mirror() {
  # shellcheck disable=SC2016 # apt-get's own variable
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1
}

if [[ ! -e "${tree}" ]]; then
  command -v debootstrap >/dev/null || "${tools}/apt-install.sh" debootstrap >&2
  mkdir -p "${cache}/trees"
  rm -rf "${tree}.part"
  from="$(mirror)"
  [[ -n "${from}" ]] || { echo "bare-debian: expected a mirror of Debian in this machine's /etc/apt, found none" >&2; exit 1; }
  echo "Making a bare ${suite} (a minute, once) ..." >&2
  debootstrap --variant=minbase "${suite}" "${tree}.part" "${from}" >"${tree}.log"
  "${tools}/in-tree.sh" "${tree}.part" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qy install --no-install-recommends cloud-init >>"${tree}.log" 2>&1
  "${tools}/in-tree.sh" "${tree}.part" apt-get clean
  mv "${tree}.part" "${tree}"
fi
echo "${tree}"
