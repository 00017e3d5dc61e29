#!/usr/bin/env bash
# Test under Python $1 what depends on it: the worker bundle, Lambda's zip in its runtime client, deployments, one whole job.
# The virtualenv is .venv-$1. Where there is no such Python, this says so and succeeds: not every machine has both.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$1 venv=.venv-$1

find_python() {
    local candidate
    # pyenv keeps the Pythons that it was not told to show beside one another.
    for candidate in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python3; do
        if [[ "$("$candidate" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)" == "$version" ]]; then
            command -v "$candidate"
            return
        fi
    done
    return 1
}

if [[ -e .venv/bin/python ]] && [[ "$(.venv/bin/python -c 'import sys; print("%d.%d" % sys.version_info[:2])')" == "$version" ]]; then
    echo "Python $version is that of .venv, under which \`make test\` runs: nothing to do."
    exit 0
fi
if ! python=$(find_python); then
    echo "Python $version: none found, so nothing is tested under it. Install it (or \`pyenv install $version\`)."
    exit 0
fi
GEMS_VENV_PYTHON=$python tools/make-venv.sh "$venv" requirements-dev.txt
exec "$venv/bin/pytest" -n 2 --dist loadfile --no-loadscope-reorder tests/integration/deploy tests/integration/deployed \
    tests/integration/worker tests/unit/worker tests/end_to_end/test_deployed.py
