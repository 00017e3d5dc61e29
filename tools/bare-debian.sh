#!/usr/bin/env bash
# A bare Debian of the suite $1 (bookworm), with cloud-init as in the cloud's images: a tree, kept in $GEMS_CACHE. Prints
# its path. As root. The packages come from where this machine's own come from. $2 names another architecture by Debian's
# word (arm64), whose programs QEMU runs.
set -euo pipefail

suite="${1:-bookworm}"
cache="${GEMS_CACHE:-${XDG_CACHE_HOME:-${HOME}/.cache}/gems}"
here="$(dpkg --print-architecture)"
architecture="${2:-${here}}"
tree="${cache}/trees/${suite}"
[[ "${architecture}" == "${here}" ]] || tree+="-${architecture}"
tools="$(cd "$(dirname "$0")" && pwd)"

mirror() {
  # shellcheck disable=SC2016 # apt-get's own variable
  apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1
}

# The kernel hands programs of the other architecture to QEMU, which it opens once, so that trees need no copy of it.
let_qemu_run() {
  local formats=/proc/sys/fs/binfmt_misc interpreter="qemu-$1"
  [[ -e /usr/lib/binfmt.d/"${interpreter}".conf ]] || "${tools}/apt-install.sh" qemu-user-static >&2
  [[ -e "${formats}/register" ]] || mount -t binfmt_misc none "${formats}"
  [[ -e "${formats}/${interpreter}" ]] || cat /usr/lib/binfmt.d/"${interpreter}".conf >"${formats}/register"
}

if [[ "${architecture}" != "${here}" ]]; then
  case "${architecture}" in
    arm64) let_qemu_run aarch64 ;;
    amd64) let_qemu_run x86_64 ;;
    *) echo "bare-debian: expected arm64 or amd64, found ${architecture}" >&2; exit 2 ;;
  esac
fi

if [[ ! -e "${tree}" ]]; then
  command -v debootstrap >/dev/null || "${tools}/apt-install.sh" debootstrap >&2
  mkdir -p "${cache}/trees"
  rm -rf "${tree}.part"
  from="$(mirror)"
  [[ -n "${from}" ]] || { echo "bare-debian: expected a mirror of Debian in this machine's /etc/apt, found none" >&2; exit 1; }
  echo "Making a bare ${suite} for ${architecture} (a minute, once; where QEMU runs it, ten) ..." >&2
  debootstrap --arch="${architecture}" --variant=minbase "${suite}" "${tree}.part" "${from}" >"${tree}.log"
  "${tools}/in-tree.sh" "${tree}.part" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qy install --no-install-recommends cloud-init >>"${tree}.log" 2>&1
  "${tools}/in-tree.sh" "${tree}.part" apt-get clean
  mv "${tree}.part" "${tree}"
fi
echo "${tree}"
