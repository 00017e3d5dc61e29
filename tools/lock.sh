#!/usr/bin/env bash
# Compile the requirements files: every package at one version, with its hashes.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
        --no-emit-find-links --no-annotate "$@"
}
compile --output-file requirements.txt requirements.in
compile --output-file requirements-worker.txt --constraint requirements.txt requirements-worker.in
compile --output-file requirements-pipelines.txt requirements-pipelines.in
compile --output-file requirements-dev.txt --extra dev --constraint requirements.txt --constraint requirements-worker.txt pyproject.toml
