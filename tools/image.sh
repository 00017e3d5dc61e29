#!/usr/bin/env bash
# Build the image $1 (worker, develop or local) of the Dockerfile as gems/$1, with docker or, where there is none, buildah.
# $BASE names another base than debian:12-slim. As root with buildah.
set -euo pipefail
cd "$(dirname "$0")/.."

target="${1:-worker}"
version="$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' gems_core/__init__.py)"
options=(--target "${target}" --tag "gems/${target}" --build-arg "VERSION=${version}"
  --build-arg "COMMIT=$(git rev-parse HEAD 2>/dev/null || echo unknown)" ${BASE:+--build-arg "BASE=${BASE}"})
if docker info >/dev/null 2>&1; then
  exec docker build "${options[@]}" .
elif command -v buildah >/dev/null; then
  # The isolation that needs nothing of the kernel's but chroot. Format docker, for OCI's knows no shell.
  exec buildah bud --isolation chroot --format docker "${options[@]}" .
fi
echo "image: expected docker or buildah, found neither. Type: apt-get install buildah" >&2
exit 1
