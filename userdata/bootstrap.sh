#!/usr/bin/env bash
# Makes a bare machine a GeMS worker (userdata/provision.sh tells which), runs the worker, and ends the machine with it.
#
# The surroundings may set: GEMS_ROOT (default /opt/gems), GEMS_ON_END (shutdown, the default, or exit), GEMS_INSTALL
# (yes, the default, or no: somebody's own machine), GEMS_PYTHON (the Python that the bundle was made for),
# AWS_ENDPOINT_URL and AWS_EC2_METADATA_SERVICE_ENDPOINT. A container of AWS Batch (it has AWS_BATCH_JOB_ID) asks ECS, not
# instance metadata, for its role's credentials. Nothing else differs between EC2 and elsewhere.
# No credential is ever an argument of a command: curl reads them as configuration on its standard input.
set -euo pipefail
shopt -s inherit_errexit

# Rendered by userdata.render, each value quoted; nothing below this block is ever substituted. Unrendered, it is what a
# container runs, which AWS Batch gives the values as variables (userdata.variables).
# BEGIN VALUES
session_key="${GEMS_BOOT_SESSION_KEY:-}"
api_url="${GEMS_BOOT_API_URL:-}"
region="${GEMS_BOOT_REGION:-}"
control_bucket="${GEMS_BOOT_CONTROL_BUCKET:-}"
artefacts="${GEMS_BOOT_ARTEFACTS:-}"
worker_object="${GEMS_BOOT_WORKER_OBJECT:-}"
worker_sha256="${GEMS_BOOT_WORKER_SHA256:-}"
worker_credential="${GEMS_BOOT_WORKER_CREDENTIAL:-}"
credential_table="${GEMS_BOOT_CREDENTIAL_TABLE:-}"
events_object="${GEMS_BOOT_EVENTS_OBJECT:-}"
log_group="${GEMS_BOOT_LOG_GROUP:-}"
dead_man_seconds="${GEMS_BOOT_DEAD_MAN_SECONDS:-}"
provision_gzip=''
# END VALUES

root="${GEMS_ROOT:-/opt/gems}"
on_end="${GEMS_ON_END:-shutdown}"
metadata_url="${AWS_EC2_METADATA_SERVICE_ENDPOINT:-http://169.254.169.254}"
s3_url="${AWS_ENDPOINT_URL:-https://s3.${region}.amazonaws.com}"
log="${root}/bootstrap.log"
instance_id='unknown'
phase='starting'
worker_pid=''
asked_to_leave=''
worker_code=''
began="${EPOCHSECONDS}"
readonly nothing_sha256=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

say() { printf '%s bootstrap: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*" >&2; }

fail() {
  say "FAILED: $*"
  exit 1
}

# Once armed the machine ends at the job's time limit, whatever becomes of this script and the worker.
arm_dead_man_switch() {
  [[ "${on_end}" == shutdown ]] || return 0
  shutdown -h "+$(((dead_man_seconds + 59) / 60))"
}

# Metadata that is slow, throttled or not there yet (a role just after the launch) is asked for again, for half a minute.
metadata_retries=(--retry 5 --retry-all-errors --max-time 10)

# IMDSv2: a session token first; it opens the role's credentials, so it is kept out of the arguments too.
metadata_token() {
  curl -sSf "${metadata_retries[@]}" -X PUT \
    -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "${metadata_url%/}/latest/api/token"
}

metadata() {
  local path="$1" token
  token="$(metadata_token)"
  printf 'header = "X-aws-ec2-metadata-token: %s"\n' "${token}" |
    curl -sSf "${metadata_retries[@]}" --config - "${metadata_url%/}/latest/meta-data/${path}"
}

json_text() { sed -n "s/.*\"$1\" *: *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }

# The document of a container's credentials (ECS developer guide, "Task IAM role"; the address has its secret in it).
task_credentials() {
  local url="${AWS_CONTAINER_CREDENTIALS_FULL_URI:-http://169.254.170.2${AWS_CONTAINER_CREDENTIALS_RELATIVE_URI:-}}"
  printf 'url = "%s"\nheader = "Authorization: %s"\n' "${url}" "${AWS_CONTAINER_AUTHORIZATION_TOKEN:-none}" |
    curl -sSf "${metadata_retries[@]}" --config -
}

role_credentials() {
  local role
  if [[ -n "${AWS_BATCH_JOB_ID:-}" ]]; then
    task_credentials
  else
    role="$(metadata iam/security-credentials/ | head -n 1)"
    metadata "iam/security-credentials/${role}"
  fi
}

# The role's credentials as curl configuration. An answer without keys ("Code": "Failed") may pass, too.
credentials() {
  local document key='' secret='' session='' pause
  for pause in 1 2 4 0; do
    document="$(role_credentials)"
    key="$(printf '%s' "${document}" | json_text AccessKeyId)"
    secret="$(printf '%s' "${document}" | json_text SecretAccessKey)"
    session="$(printf '%s' "${document}" | json_text Token)"
    [[ -z "${key}" || -z "${secret}" ]] || break
    sleep "${pause}"
  done
  [[ -n "${key}" && -n "${secret}" ]] ||
    fail 'expected credentials of the worker role, found none; give the instance a profile, or the job definition a role'
  printf 'user = "%s:%s"\n' "${key}" "${secret}"
  [[ -z "${session}" ]] || printf 'header = "x-amz-security-token: %s"\n' "${session}"
}

sha256_of() { sha256sum -- "$1" | cut -d ' ' -f 1; }

# s3 OBJECT BODY_SHA256 [curl arguments]: a signed request, path style.
# S3 wants the body's hash in a header, which curl 7.88 (Debian 12) signs but does not set itself.
s3() {
  local object="$1" body_sha256="$2" configuration
  shift 2
  configuration="$(credentials)" || return 1
  printf '%s\n' "${configuration}" |
    curl -sS --fail-with-body --retry 5 --retry-connrefused --connect-timeout 20 --aws-sigv4 "aws:amz:${region}:s3" \
      -H "x-amz-content-sha256: ${body_sha256}" --config - "$@" "${s3_url%/}/${control_bucket}/${object}"
}

# put OBJECT TEXT: from memory, for the disk may be full. A text has at most 128 KiB, as every argument.
put() {
  s3 "$1" "$(printf '%s' "$2" | sha256sum | cut -d ' ' -f 1)" -X PUT -H "content-type: ${3:-text/plain}" --data-raw "$2"
}

# What S3 said in the body of a refusal; curl itself says what happened to the connection.
s3_code() {
  local code=''
  [[ ! -s "$1" ]] || code="$(head -c 4096 "$1" | LC_ALL=C tr -cd '\40-\176' | sed -n 's/.*<Code>\([^<]*\)<.*/\1/p')"
  printf '%s' "${code:-no answer of S3 (see the lines above)}"
}

# What provision.sh (docs/worker.md) does for a worker; nothing, where the machine's image has it.
provision() {
  local script="${BASH_SOURCE[0]%/*}/provision.sh" # beside this one, in a container's image
  if [[ -n "${provision_gzip}" ]]; then
    script="${root}/provision.sh"
    base64 -d <<<"${provision_gzip}" | gzip -d >"${script}"
  fi
  GEMS_SPEAKER=bootstrap GEMS_ROOT="${root}" bash "${script}" worker
}

fetch_worker() {
  local archive="${root}/worker.tar.gz" found
  # An image may carry the bundle.
  if [[ -e "${root}/worker.sha256" && "$(<"${root}/worker.sha256")" == "${worker_sha256}" ]]; then return 0; fi
  s3 "${worker_object}" "${nothing_sha256}" --output "${archive}.part" ||
    fail "expected the worker bundle s3://${control_bucket}/${worker_object}, found $(s3_code "${archive}.part");" \
      "publish that version again, or let the instance's role read it"
  found="$(sha256_of "${archive}.part")"
  if [[ "${found}" != "${worker_sha256}" ]]; then
    rm -f "${archive}.part"
    fail "expected the worker bundle ${worker_object} with SHA-256 ${worker_sha256}, found ${found};" \
      "publish the artefact again and start a new job"
  fi
  mv "${archive}.part" "${archive}"
  rm -rf "${root}/worker"
  mkdir "${root}/worker"
  tar -xzf "${archive}" --no-same-owner -C "${root}/worker"
}

# Compiled packages load on the processor that they were made for.
demand_machine() {
  local here made_for
  here="$(uname -m)"
  made_for="$(cat "${root}/worker/MACHINE" 2>/dev/null || printf '%s' "${here}")"
  [[ "${made_for}" == "${here}" ]] ||
    fail "expected a processor of ${made_for}, which the worker bundle was made for, found ${here};" \
      "run gems deploy, which publishes the bundle for the stage's instance types"
}

# The job's facts, as worker/settings.py reads them.
export_facts() {
  export GEMS_ROOT="${root}" GEMS_SESSION_KEY="${session_key}" GEMS_API_URL="${api_url}"
  export GEMS_CONTROL_BUCKET="${control_bucket}" GEMS_ARTEFACTS="${artefacts}"
  export GEMS_WORKER_CREDENTIAL="${worker_credential}" GEMS_CREDENTIAL_TABLE="${credential_table}"
  export GEMS_LOG_GROUP="${log_group}" GEMS_ENDS_AT="$((began + dead_man_seconds))" AWS_REGION="${region}" AWS_DEFAULT_REGION="${region}" PYTHONPATH="${root}/worker"
}

# Runs beside this script, so that a signal (a spot notice, a shutdown) reaches the worker at once.
# -P: a folder named worker in the working directory must not stand in for the bundle's.
run_worker() {
  local python code=0
  python="$(sed -n 's/^python=//p' "${root}/provisioned")"
  export_facts
  cd "${root}"
  rm -f left
  timeout --kill-after=60 "${dead_man_seconds}" "${python}" -P -X faulthandler -m worker &
  worker_pid=$!
  wait "${worker_pid}" || code=$?
  # A signal ends the first wait, not the worker; bash remembers the exit code of a child already gone.
  if [[ -n "${asked_to_leave}" ]]; then
    code=0
    wait "${worker_pid}" || code=$?
  fi
  worker_pid=''
  # A worker whose work is done leaves a file before its machine goes, which may end it in the middle of its own ending;
  # a Python that is asked to leave at its very end has no handler any more.
  if [[ -e "${root}/left" ]] || { [[ -n "${asked_to_leave}" ]] && ((code == 143)); }; then code=0; fi
  worker_code="${code}"
  ((code == 0)) || fail "the worker ended with exit code ${code}"
}

# Lines as JSON's texts with commas between.
json_lines() {
  LC_ALL=C tr -cd '\12\40-\176' | cut -c 1-500 | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/"/' | paste -sd ,
}

# The kernel's last word on a process that it killed for want of memory, since this machine's worker began.
kernel_word() {
  dmesg --since "@${began}" 2>/dev/null | grep -E 'Out of memory: Killed process|oom-kill:|cgroup out of memory' | tail -n 1
}

# What nobody could say through the API (the worker may not even be there) is left in the job's history: facts, which
# gems_core/endings.py judges. `position` is the worker's: its step, then the samples at hand.
leave_failure_event() {
  local event kernel
  kernel="$(kernel_word | json_lines)"
  event="$(printf '{"event": "bootstrap_failed", "at": "%s", "instance_id": "%s", "phase": "%s", "exit_code": %d, "seconds": %d,' \
    "$(date -u +%Y-%m-%dT%H:%M:%S+00:00)" "${instance_id}" "${phase}" "${worker_code:-$1}" "$((EPOCHSECONDS - began))")"
  event+="$(printf '"limit_seconds": %d, "free_kilobytes": %d, "kernel": %s, "position": [%s], "log_tail": [%s]}' \
    "${dead_man_seconds}" "$({ df -k --output=avail "${root}" || echo -1; } | tail -n 1)" "${kernel:-\"\"}" \
    "$(head -n 20 "${root}/position" 2>/dev/null | json_lines)" "$(tail -n 20 "${log}" | json_lines)")"
  put "${events_object}$(date -u +%Y%m%dT%H%M%S.%6NZ)-${instance_id}.json" "${event}" application/json
}

# The end of this log, which has the worker's last words on standard error too; the worker itself keeps copies of its own.
keep_log() {
  put "${events_object%events/}logs/${instance_id}/bootstrap.log" "$(tail -c 100000 "${log}" | LC_ALL=C tr -d '\0')"
}

end_machine() {
  local code=$?
  trap - EXIT
  trap '' TERM INT
  set +e
  if ((code != 0)) && [[ "${worker_code}" != 0 ]]; then
    say "ending with exit code ${code} in the phase '${phase}'"
    leave_failure_event "${code}"
  fi
  [[ "${instance_id}" == unknown ]] || keep_log
  tail -n 20 "${log}" >&3
  if [[ "${on_end}" == shutdown ]]; then shutdown -h now || poweroff; fi
  exit "${code}"
}

leave_when_asked() {
  say 'asked to leave'
  asked_to_leave=yes
  if [[ -n "${worker_pid}" ]]; then kill -TERM "${worker_pid}" 2>/dev/null || true; else exit 143; fi
}

main() {
  umask 077
  mkdir -p "${root}"
  exec 3>&2 >>"${log}" 2>&1
  trap end_machine EXIT
  trap leave_when_asked TERM INT
  [[ "${on_end}" == shutdown || "${on_end}" == exit ]] || fail "expected GEMS_ON_END shutdown or exit, found ${on_end}"
  arm_dead_man_switch
  if ! command -v curl >/dev/null; then
    phase='installation'
    GEMS_BUNDLE_PYTHON=any provision
  fi
  phase='instance metadata'
  # AWS Batch's id of an array's child is job:index, and names of logs hold no colon.
  instance_id="${AWS_BATCH_JOB_ID:+b-${AWS_BATCH_JOB_ID/:/-}}"
  [[ -n "${instance_id}" ]] || instance_id="$(metadata instance-id)"
  [[ "${instance_id}" =~ ^[A-Za-z0-9-]+$ ]] || fail "expected an instance id from ${metadata_url}, found '${instance_id}'"
  phase='worker bundle'
  fetch_worker
  demand_machine
  phase='installation'
  provision
  phase='worker'
  say "starting the worker on ${instance_id} for ${session_key}"
  run_worker
  say 'the worker has ended'
}

main
