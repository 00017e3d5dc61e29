#!/usr/bin/env bash
# What runs the pipelines of pipelines/ in the tests: Snakemake in a virtualenv of its own, and Nextflow from Maven Central.
# usage: fetch-pipelines.sh FOLDER
set -euo pipefail
target="$(realpath -m "$1")"
cd "$(dirname "$0")/.."

# The newest release that Maven Central has; later ones are on Nextflow's own site only.
nextflow=23.10.1

mkdir -p "${target}"
if [[ ! -x "${target}/snakemake/bin/snakemake" ]]; then
  echo "Fetching Snakemake (once) ..."
  .venv/bin/python -m venv --clear "${target}/snakemake"
  "${target}/snakemake/bin/pip" install --quiet --disable-pip-version-check --require-hashes \
    --requirement requirements-pipelines.txt
fi
if [[ ! -d "${target}/nextflow-${nextflow}" ]]; then
  echo "Fetching Nextflow (once) ..."
  tools/ensure-java.sh
  work="$(mktemp -d)"
  trap 'rm -rf "${work}"' EXIT
  cat >"${work}/pom.xml" <<POM
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.gems</groupId><artifactId>pipelines</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>io.nextflow</groupId><artifactId>nextflow</artifactId><version>${nextflow}</version></dependency>
  </dependencies>
</project>
POM
  mvn --batch-mode --no-transfer-progress --quiet --file "${work}/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies \
    -DincludeScope=runtime -DoutputDirectory="${target}/.nextflow.part"
  mv "${target}/.nextflow.part" "${target}/nextflow-${nextflow}"
fi
