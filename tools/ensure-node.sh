#!/usr/bin/env bash
# Node and npm, which fetch the pages' script and check it against package-lock.json; installed when missing.
set -euo pipefail

command -v npm >/dev/null || "$(dirname "$0")/apt-install.sh" nodejs npm
