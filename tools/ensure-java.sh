#!/usr/bin/env bash
# A JDK 17 or newer and Maven, installed when missing.
set -euo pipefail

wanted=()
javac_version=$(javac -version 2>&1 | sed -nE 's/^javac ([0-9]+).*/\1/p' || true)
[ "${javac_version:-0}" -ge 17 ] || wanted+=(openjdk-17-jdk-headless)
command -v mvn >/dev/null || wanted+=(maven)
[ ${#wanted[@]} -eq 0 ] || "$(dirname "$0")/apt-install.sh" "${wanted[@]}"
