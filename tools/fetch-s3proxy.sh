#!/usr/bin/env bash
# A second S3 server for the tests of conditional writes: S3Proxy from Maven Central, one jar with all that it needs.
# usage: fetch-s3proxy.sh FOLDER
set -euo pipefail
cd "$(dirname "$0")/.."

version=4.1.0
jar_sha256=a4d025969aaf796616ed4b1e2491d87d455ce84bb28cb9db086b2e6aaa68b48d
work=$(mktemp -d)
trap 'rm -rf "${work}"' EXIT

tools/ensure-java.sh
mvn --batch-mode --no-transfer-progress --quiet org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
  -Dartifact="org.gaul:s3proxy:${version}:jar:jar-with-dependencies" -DoutputDirectory="${work}"
jar="${work}/s3proxy-${version}-jar-with-dependencies.jar"
echo "${jar_sha256}  ${jar}" | sha256sum --check --quiet
mkdir -p "$1"
mv "${jar}" "$1/.s3proxy.part"
mv "$1/.s3proxy.part" "$1/s3proxy-${version}.jar"
