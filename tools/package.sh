#!/usr/bin/env bash
# Build the Lambda's zip of a stage: dist/gems-api-STAGE.zip.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python -m gems_deploy.lambda_package "${1:-production}" "${2:-dist}"
