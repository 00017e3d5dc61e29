#!/usr/bin/env bash
# Build the Lambda's zip: Zappa packs the whole active virtualenv and the working folder, so both are made clean for it.
set -euo pipefail
cd "$(dirname "$0")/.."
stage=${1:-production}
build=build/lambda

rm -rf "$build"
mkdir -p "$build/app" dist
python3 -m venv --without-pip "$build/venv"
.venv/bin/pip --python "$build/venv/bin/python" install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
cp -r gems_core gems_api userdata zappa_settings.json "$build/app/"
find "$build/app" -name __pycache__ -prune -exec rm -rf {} +
zappa=$PWD/.venv/bin/zappa
zip=$PWD/dist/gems-api-$stage.zip
cd "$build/app"
VIRTUAL_ENV=$(cd ../venv && pwd) "$zappa" package "$stage" --output "$zip"
echo "Packaged $zip ($(du -h "$zip" | cut -f1))"
