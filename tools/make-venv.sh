#!/usr/bin/env bash
# Make the virtualenv $1 from the pinned, hashed requirements file $2, and install the project in it. GEMS_VENV_PYTHON names
# the Python to try first.
set -euo pipefail
venv=$1 requirements=$2

find_python() {
    local candidate
    # Lambda and the workers run the Python of this virtualenv: `gems deploy` needs one of the first two, for AWS and Debian
    # have no other in common; all else works with any.
    for candidate in ${GEMS_VENV_PYTHON:+"$GEMS_VENV_PYTHON"} python3.13 python3.11 python3 python3.12; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    echo "GeMS needs Python 3.11 or newer; found $(python3 --version 2>&1 || echo none). Install it: apt-get install python3.11" >&2
    exit 1
}

python=$(find_python)
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    # Debian ships the part of Python that makes virtualenvs apart.
    "$(dirname "$0")/apt-install.sh" python3-venv
fi
echo "Making the virtualenv (a minute or two, once) ..."
# pip comes last: one that answers says that an earlier making was not interrupted, and that its Python is still there.
"$venv/bin/pip" --version >/dev/null 2>&1 || "$python" -m venv "$venv" --clear
"$venv/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$requirements"
# Twice quiet: the build backend warns of every editable installation.
"$venv/bin/pip" install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
