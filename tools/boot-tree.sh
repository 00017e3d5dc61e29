#!/usr/bin/env bash
# Boot a copy of the tree $1 as EC2 boots an instance: cloud-init finds the instance's metadata service and runs the user
# data that it gives. As root; stays until that has ended. What it wrote in /opt/gems is then in $GEMS_ROOT.
#
# The local cloud calls this for an instance (gems_local/instance_host.py); $2, the user data's path, is not looked at.
set -euo pipefail

tree="$1"
scratch="$(mktemp -d "${PWD}/machine.XXXXXX")"
metadata_url="${AWS_EC2_METADATA_SERVICE_ENDPOINT%/}"

keep_logs() {
  mkdir -p "${GEMS_ROOT}"
  cp "${scratch}"/upper/opt/gems/*.log "${GEMS_ROOT}/" 2>/dev/null || true
  rm -rf "${scratch}"
}
trap keep_logs EXIT

# cloud-init knows EC2 by this file, which Xen's kernels show.
mkdir -p "${scratch}/upper/sys/hypervisor" "${scratch}/upper/etc/cloud/cloud.cfg.d"
echo ec2e1916-9099-7caf-fd21-012345abcdef >"${scratch}/upper/sys/hypervisor/uuid"
# Its network and its other modules belong to real machines.
cat >"${scratch}/upper/etc/cloud/cloud.cfg.d/99-gems.cfg" <<CONFIGURATION
datasource_list: [Ec2]
datasource:
  Ec2:
    metadata_urls: ["${metadata_url}"]
    strict_id: false
    apply_full_imds_network_config: false
network: {config: disabled}
cloud_init_modules: []
cloud_config_modules: []
cloud_final_modules: [scripts-user]
CONFIGURATION

# What only this surrounding has to say: another AWS, a machine that is shared.
passed=()
for name in AWS_ENDPOINT_URL AWS_EC2_METADATA_SERVICE_ENDPOINT GEMS_ON_END GEMS_HEARTBEAT_SECONDS GEMS_TYPER_THREADS GEMS_TYPER_MEMORY_MB; do
  [[ -z "${!name:-}" ]] || passed+=("${name}=${!name}")
done
echo "boot: $(date -u +%Y-%m-%dT%H:%M:%S.%3NZ) the kernel is up"
"$(dirname "$0")/in-tree.sh" --scratch "${scratch}" "${tree}" env -i HOME=/root LANG=C.UTF-8 \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${passed[@]}" \
  bash -c 'cloud-init init && cloud-init modules --mode=final'
