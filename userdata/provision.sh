#!/usr/bin/env bash
# Makes a bare Debian 12 or 13, Ubuntu 24.04 or Amazon Linux 2023 what a GeMS worker needs; as root, as often as you like.
#
#   provision.sh worker                        a machine that boots: Java, the bundle's Python, curl, CA certificates
#   provision.sh image                         the same in a container image: a user `gems`, and no package lists
#   provision.sh develop                       the same, and what changing GeMS takes: a JDK, Maven, git, make
#   provision.sh bake [--artefacts FOLDER]     the same in a machine image, with a copy of the control bucket's artefacts
#                                              (FOLDER/artefacts/current.json and what it names) in their place
#
# The surroundings may set GEMS_ROOT (/opt/gems), GEMS_INSTALL (yes; no only looks), GEMS_PYTHON (the Python to try first) and
# GEMS_BUNDLE_PYTHON (the version that the bundle is compiled for, or any while that is unknown; else the bundle's own word
# in worker/PYTHON, else 3.11). What was found is in $GEMS_ROOT/provisioned, and a machine whose image says so there is not
# looked at again.
set -euo pipefail
shopt -s inherit_errexit

# Raised when a worker needs something that older images lack.
readonly provision=1
readonly oldest_java=17
root="${GEMS_ROOT:-/opt/gems}"
bundle_python="${GEMS_BUNDLE_PYTHON:-$(cat "${root}/worker/PYTHON" 2>/dev/null || echo 3.11)}"
marker="${root}/provisioned"

say() { printf '%s %s: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "${GEMS_SPEAKER:-provision}" "$*" >&2; }

fail() {
  say "FAILED: $*"
  exit 1
}

# step NAME COMMAND ...: says how long it took.
step() {
  local name="$1" began="${EPOCHREALTIME/[.,]/}" milliseconds
  shift
  "$@"
  milliseconds=$(((${EPOCHREALTIME/[.,]/} - began) / 1000))
  say "$(printf '%s: %d.%03d s' "${name}" "$((milliseconds / 1000))" "$((milliseconds % 1000))")"
}

system() {
  # shellcheck source=/dev/null
  (. /etc/os-release && printf '%s-%s\n' "${ID}" "${VERSION_ID:-}")
}

java_version() { java -version 2>&1 | sed -n 's/.*version "\([0-9][^"]*\)".*/\1/p' | head -n 1; }

has_java() {
  local version
  version="$(java_version)" || return 1
  ((${version%%[!0-9]*} + 0 >= oldest_java))
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# Compiled packages load into the Python that they were made for and into no other.
find_python() {
  local candidate version
  for candidate in ${GEMS_PYTHON:+"${GEMS_PYTHON}"} "python${bundle_python}" python3; do
    version="$(version_of "${candidate}")" || continue
    if [[ "${version}" == "${bundle_python}" || "${bundle_python}" == any ]]; then
      command -v "${candidate}"
      return 0
    fi
  done
  return 1
}

refuse_python() {
  local found
  found="$(version_of python3)" && found="Python ${found}" || found=none
  fail "expected Python ${bundle_python}, which the worker bundle was made for, found ${1:-${found}}; use an image that has it," \
    "or publish a bundle that was made with the image's Python"
}

has_certificates() { [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/pki/tls/certs/ca-bundle.crt ]]; }

# The packages of each system, one case each: Java, Python, and what developing takes.
packages_of() {
  case "$1" in
    debian-12) java=openjdk-17-jre-headless python=python3 pythons=3.11 develop='openjdk-17-jdk-headless python3-venv' ;;
    debian-13) java=openjdk-21-jre-headless python=python3 pythons=3.13 develop='openjdk-21-jdk-headless python3-venv' ;;
    ubuntu-24.04) java=openjdk-17-jre-headless python=python3 pythons=3.12 develop='openjdk-17-jdk-headless python3-venv' ;;
    amzn-2023)
      java=java-17-amazon-corretto-headless python="python${bundle_python/any/3.11}" pythons='3.11 3.12 3.13'
      develop='java-17-amazon-corretto-devel'
      ;;
    *) fail "expected Debian 12 or 13, Ubuntu 24.04 or Amazon Linux 2023, found $1; use an image that has Java and Python" ;;
  esac
}

# what_is_missing PURPOSE: the packages, in `packages`, and what they are for, in `lacks`.
what_is_missing() {
  local purpose="$1" java python pythons develop
  packages=() lacks=()
  has_java || lacks+=("Java ${oldest_java} or newer")
  find_python >/dev/null || lacks+=("Python ${bundle_python}")
  command -v curl >/dev/null || lacks+=(curl)
  has_certificates || lacks+=('CA certificates')
  ((${#lacks[@]})) || [[ "${purpose}" == develop ]] || return 0
  if [[ "${GEMS_INSTALL:-yes}" != yes && "${lacks[*]}" == Python* ]]; then refuse_python; fi
  [[ "${GEMS_INSTALL:-yes}" == yes ]] ||
    fail "this machine lacks $(listed "${lacks[@]}"), and GEMS_INSTALL=${GEMS_INSTALL} forbids to install; install what is missing"
  packages_of "$(system)"
  has_java || packages+=("${java}")
  find_python >/dev/null || packages+=("${python}")
  command -v curl >/dev/null || packages+=(curl)
  has_certificates || packages+=(ca-certificates)
  # shellcheck disable=SC2206 # each a word
  [[ "${purpose}" != develop ]] || packages+=(${develop} git make maven)
  find_python >/dev/null || [[ " ${pythons} any " == *" ${bundle_python} "* ]] ||
    refuse_python "$(system), which has Python ${pythons}"
}

listed() {
  local list
  printf -v list '%s, ' "$@"
  printf '%s' "${list%, }"
}

# Another one may be installing (unattended upgrades): dpkg's lock is waited for, the lists' lock is tried for again.
apt() { apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@"; }

update_lists() {
  local pause
  for pause in 5 10 20 40 60 60 60; do
    if apt update; then return 0; fi
    say "apt-get update failed; again in ${pause} s"
    sleep "${pause}"
  done
  apt update || fail 'expected apt-get update to succeed within five minutes, it did not; see the lines above'
}

install_packages() {
  local problem
  problem="could not install $(listed "$@"), see the lines above; can the machine reach its package mirror?"
  if command -v apt-get >/dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    update_lists
    apt -y install --no-install-recommends "$@" || fail "apt-get ${problem}"
  else
    dnf -qy install "$@" || fail "dnf ${problem}"
  fi
}

write_marker() {
  local python
  python="$(find_python)"
  mkdir -p "${root}"
  printf '%s\n' "provision=${provision}" "purpose=$1" "system=$(system)" "java=$(java_version)" "python=${python}" \
    "python_version=$("${python}" -c 'import platform; print(platform.python_version())')" >"${marker}.part"
  mv "${marker}.part" "${marker}"
}

# Nothing is asked of a machine whose image was made by a script that knew all that this one does.
was_made_so() {
  [[ -e "${marker}" ]] && grep -qx "provision=${provision}" "${marker}" && grep -qxE 'purpose=(image|bake)' "${marker}" &&
    { [[ "${bundle_python}" == any ]] || grep -q "^python_version=${bundle_python/./\\.}\." "${marker}"; }
}

# BEGIN IMAGES: a machine that boots needs none of this; userdata.render leaves it out.
# Of no use in an image: lists and archives of packages, logs of their installation.
remove_caches() {
  if command -v apt-get >/dev/null; then apt-get clean; else dnf clean all; fi
  rm -rf /var/lib/apt/lists/* /var/cache/dnf /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log /root/.cache /tmp/hsperfdata_*
}

make_user() {
  # A number of its own: what runs containers may want to see that it is not root's.
  getent passwd gems >/dev/null || useradd --uid 10001 --user-group --home-dir "${root}" --no-create-home --shell /bin/bash gems
  chown -R 10001:10001 "${root}"
}

# The artefacts where bootstrap.sh and the worker look for them, each checked.
place_artefacts() {
  local folder="$1" kind key sha256 target
  while IFS=$'\t' read -r kind key sha256; do
    printf '%s  %s\n' "${sha256}" "${folder}/${key}" | sha256sum --check --quiet ||
      fail "expected ${folder}/${key} with SHA-256 ${sha256}; copy the artefacts again"
    target="${root}/artefacts/${sha256}"
    mkdir -p "${target}"
    cp "${folder}/${key}" "${target}/"
    case "${kind}" in
      worker)
        rm -rf "${root}/worker" "${target}"
        mkdir "${root}/worker"
        tar -xzf "${folder}/${key}" --no-same-owner -C "${root}/worker"
        printf '%s\n' "${sha256}" >"${root}/worker.sha256"
        ;;
      reference)
        mkdir -p "${target}/content"
        tar -xzf "${folder}/${key}" --no-same-owner -C "${target}/content"
        ;;
      *) ;;
    esac
  done < <(artefacts_of "${folder}/artefacts/current.json")
}

artefacts_of() {
  "$(find_python)" -c '
import json, sys
for kind, entry in json.load(open(sys.argv[1])).items():
    print(kind, entry["key"], entry["sha256"], sep="\t")' "$1"
}

# The first share of a machine would make the typer's index; here one pair of made-up reads asks for it.
make_index() {
  local folder="$1" jar library panel work mate
  jar="$(placed "${folder}" hla-typer)" library="$(placed "${folder}" reference)" panel="$(placed "${folder}" panel)"
  work="$(mktemp -d)"
  for mate in 1 2; do
    printf '@bake:1:cell:1:1:1:1 %d:N:0:1\n%s\n+\n%s\n' "${mate}" "$(printf 'A%.0s' {1..150})" "$(printf 'I%.0s' {1..150})" |
      gzip >"${work}/${mate}.fastq.gz"
  done
  printf 'sample\tr1\tr2\nbake\t%s\t%s\n' "${work}/1.fastq.gz" "${work}/2.fastq.gz" >"${work}/sheet.tsv"
  java -XX:TieredStopAtLevel=1 -jar "${jar}" type --library "$(dirname "${library}")/content" --panel "${panel}" \
    --hla-class all --samples "${work}/sheet.tsv" --out "${work}/out" >"${work}/said" 2>&1 || true
  rm -rf "${work:?}"
  compgen -G "$(dirname "${library}")/content/index/*" >/dev/null || fail 'expected the typer to make its index, found none'
}

placed() {
  artefacts_of "$1/artefacts/current.json" | while IFS=$'\t' read -r kind key sha256; do
    [[ "${kind}" != "$2" ]] || printf '%s/artefacts/%s/%s\n' "${root}" "${sha256}" "${key##*/}"
  done
}
# END IMAGES

main() {
  local purpose="${1:-}" artefacts='' packages lacks
  [[ "${2:-}" != --artefacts ]] || artefacts="${3:?a folder after --artefacts}"
  case "${purpose}" in
    worker) ! was_made_so || return 0 ;;
    image | develop | bake) ;;
    *) fail "expected worker, image, develop or bake, found '${purpose}'" ;;
  esac
  what_is_missing "${purpose}"
  ((!${#packages[@]})) || step "packages $(listed "${packages[@]}")" install_packages "${packages[@]}"
  has_java || fail "expected Java ${oldest_java} or newer after the installation, found none; use an image that has it"
  find_python >/dev/null || refuse_python
  write_marker "${purpose}"
  [[ -z "${artefacts}" ]] || step artefacts place_artefacts "${artefacts}"
  [[ -z "${artefacts}" ]] || step "the typer's index" make_index "${artefacts}"
  [[ "${purpose}" != image ]] || step user make_user
  [[ "${purpose}" != image && "${purpose}" != bake ]] || step 'removing caches' remove_caches
}

main "$@"
