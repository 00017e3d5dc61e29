#!/usr/bin/env bash
# Run the user data $2 in a container of the image $1, by buildah, as the user whom the image names. As root.
#
# The local cloud calls this for an instance (gems_local/instance_host.py).
set -euo pipefail

image="$1" user_data="$2"
container="$(buildah from --pull-never "${image}")"
keep_logs() {
  local root
  root="$(buildah mount "${container}")"
  mkdir -p "${GEMS_ROOT}"
  cp --preserve=ownership "${root}"/opt/gems/*.log "${GEMS_ROOT}/" 2>/dev/null || true
  buildah rm "${container}" >/dev/null
}
trap keep_logs EXIT

buildah copy --quiet --chown 10001:10001 --chmod 600 "${container}" "${user_data}" /opt/gems/user-data >/dev/null
passed=()
for name in AWS_ENDPOINT_URL AWS_EC2_METADATA_SERVICE_ENDPOINT GEMS_HEARTBEAT_SECONDS GEMS_TYPER_THREADS GEMS_TYPER_MEMORY_MB; do
  [[ -z "${!name:-}" ]] || passed+=(--env "${name}=${!name}")
done
echo "boot: $(date -u +%Y-%m-%dT%H:%M:%S.%3NZ) the container starts"
buildah run --isolation chroot "${passed[@]}" "${container}" -- bash /opt/gems/user-data
