#!/usr/bin/env bash
# Install Debian packages when we may; otherwise say what to type.
set -euo pipefail

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        echo "GeMS needs: $*. Type: sudo apt-get update && sudo apt-get install -y $*" >&2
        exit 1
    fi
fi
if ! command -v apt-get >/dev/null; then
    echo "GeMS needs: $*. This machine has no apt-get; install them with its own package manager." >&2
    exit 1
fi
echo "Installing $* (apt) ..."
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
