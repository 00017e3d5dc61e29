#!/usr/bin/env bash
# NMDP's schema of HML 1.0.1, for the tests of report.hml: out of PyPI's pyhml, whose own dependencies are too old to install.
# usage: fetch-hml-schema.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

wheel_sha256=8612da89f1cc830ade94699eb96d9a94067a37238a010ca395006cc407b5fc51
name=hml-1.0.1.xsd
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT

.venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --dest "${work}" pyhml==0.0.5
wheel=$(echo "${work}"/pyhml-*.whl)
echo "${wheel_sha256}  ${wheel}" | sha256sum --check --quiet
mkdir -p "$1"
.venv/bin/python -m zipfile --extract "${wheel}" "${work}/pyhml"
mv "${work}/pyhml/pyhml/data/${name}" "$1/.${name}.part"
mv "$1/.${name}.part" "$1/${name}"
