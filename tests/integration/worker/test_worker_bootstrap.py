"""bootstrap.sh for real: bash, curl, a signed S3 over HTTP and an instance metadata service."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from waiting import eventually
from worker_cloud import LocalAws, Metadata, serving
from worker_fakes import CONTROL, SESSION_KEY, fake_java, program, tar_gz

from gems_core.layout import ARTEFACT_KINDS, job_prefix
from gems_core.manifest import Artefact
from userdata import Bootstrap, render

WORKER_KEY = "artefacts/worker/0.1.0/worker.tar.gz"
EVENTS = f"{job_prefix(SESSION_KEY)}events/"
INSTALLED = "packages"
WRITES_ITS_SURROUNDINGS = b"""
import json, os, pathlib, sys
names = [name for name in os.environ if name.startswith(("GEMS_", "AWS_"))]
facts = {name: os.environ[name] for name in names}
pathlib.Path(os.environ["GEMS_ROOT"], "facts.json").write_text(json.dumps(facts))
print("the bundle speaks", file=sys.stderr)
"""


ONLY_EVENTS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{CONTROL}/{EVENTS}*"}],
    }
)


@dataclass
class Machine:
    """A machine about to boot."""

    aws: LocalAws
    metadata: Metadata
    metadata_url: str
    root: Path
    bin: Path
    environment: dict[str, str] = field(default_factory=dict)

    def bundle(self, main: bytes, python: str = "", processor: str = "") -> str:
        """Publish a worker bundle, made for a Python and a processor if these are named; returns its SHA-256."""
        named = {"PYTHON": python, "MACHINE": processor}
        made_for = {name: f"{text}\n".encode() for name, text in named.items() if text}
        data = tar_gz({"worker/__init__.py": b"", "worker/__main__.py": main, **made_for})
        self.aws.put(CONTROL, WORKER_KEY, data)
        return hashlib.sha256(data).hexdigest()

    def start(self, worker_sha256: str, *, on_end: str = "exit", dead_man_seconds: int = 60) -> subprocess.Popen[str]:
        artefacts = {kind: Artefact("1", f"artefacts/{kind}/1/{kind}", "0" * 64) for kind in ARTEFACT_KINDS}
        artefacts["worker"] = Artefact("0.1.0", WORKER_KEY, worker_sha256)
        script = render(
            Bootstrap(
                str(SESSION_KEY), "https://api.test/prod", self.aws.region, CONTROL, artefacts,
                "gems.worker.token", "credential-store", dead_man_seconds,
            )
        )  # fmt: skip
        path = self.root.parent / "user-data"
        path.write_text(script)
        self.aws.enforce()
        environment = {
            "PATH": f"{self.bin}:{os.environ['PATH']}",
            "HOME": str(self.root.parent),
            "GEMS_ROOT": str(self.root),
            "GEMS_ON_END": on_end,
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata_url,
            **self.environment,
        }
        return subprocess.Popen(
            ["bash", str(path)], env=environment, cwd="/", stderr=subprocess.PIPE, text=True, start_new_session=True
        )

    def boot(self, worker_sha256: str, **options: str | int) -> subprocess.CompletedProcess[str]:
        process = self.start(worker_sha256, **options)  # type: ignore[arg-type]
        _, stderr = process.communicate(timeout=120)
        self.aws.enforce(on=False)
        return subprocess.CompletedProcess(process.args, process.returncode, "", stderr)

    def sleeps(self) -> list[str]:
        """How long the script slept, each time; it does not sleep, once this was asked for."""
        noted = self.root.parent / "sleeps"
        program(self.bin / "sleep", f"import sys\nopen({str(noted)!r}, 'a').write(sys.argv[1] + '\\n')\n")
        return noted.read_text().split() if noted.exists() else []

    @property
    def log(self) -> str:
        return (self.root / "bootstrap.log").read_text()

    def kept_log(self) -> str:
        """The script's log as it is in S3."""
        return self.aws.get(CONTROL, f"{job_prefix(SESSION_KEY)}logs/i-0123456789abcdef0/bootstrap.log").decode()

    def failure_event(self) -> dict[str, object]:
        (key,) = self.aws.keys(CONTROL, EVENTS)
        return dict(json.loads(self.aws.get(CONTROL, key)))


@pytest.fixture
def machine(aws: LocalAws, tmp_path: Path) -> Iterator[Machine]:
    aws.make_buckets(CONTROL)
    metadata = Metadata("i-0123456789abcdef0", aws.role_credentials())
    fake_java(tmp_path / "bin")
    # Whatever becomes of a test: no package is installed on the machine that it runs on.
    program(tmp_path / "bin" / "apt-get", f"open({str(tmp_path / INSTALLED)!r}, 'a')\nraise SystemExit(100)\n")
    with serving(metadata.handler()) as url:
        yield Machine(aws, metadata, url, tmp_path / "root", tmp_path / "bin")


def test_the_bundle_is_fetched_checked_and_started_with_the_jobs_facts(machine: Machine) -> None:
    ended = machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS))
    assert ended.returncode == 0, ended.stderr
    facts = json.loads((machine.root / "facts.json").read_text())
    assert facts["GEMS_SESSION_KEY"] == str(SESSION_KEY)
    assert facts["GEMS_API_URL"] == "https://api.test/prod"
    assert facts["GEMS_CONTROL_BUCKET"] == CONTROL
    assert facts["GEMS_WORKER_CREDENTIAL"] == "gems.worker.token"
    assert facts["GEMS_CREDENTIAL_TABLE"] == "credential-store"
    assert facts["AWS_REGION"] == machine.aws.region
    assert json.loads(facts["GEMS_ARTEFACTS"])["worker"]["key"] == WORKER_KEY
    assert "the bundle speaks" in machine.log
    assert machine.aws.keys(CONTROL, EVENTS) == []


def test_a_bundle_of_another_hash_is_refused_and_never_started(machine: Machine) -> None:
    found = machine.bundle(WRITES_ITS_SURROUNDINGS)
    ended = machine.boot("f" * 64)
    assert ended.returncode == 1
    assert f"expected the worker bundle {WORKER_KEY} with SHA-256 {'f' * 64}, found {found}" in ended.stderr
    assert not (machine.root / "facts.json").exists()
    assert not (machine.root / "worker").exists()


def test_a_failed_start_is_left_in_the_jobs_history_with_phase_and_log(machine: Machine) -> None:
    machine.bundle(WRITES_ITS_SURROUNDINGS)
    machine.boot("f" * 64)
    event = machine.failure_event()
    assert event["event"] == "bootstrap_failed"
    assert event["instance_id"] == "i-0123456789abcdef0"
    assert event["phase"] == "worker bundle"
    assert any("with SHA-256" in str(line) for line in event["log_tail"])  # type: ignore[attr-defined]


def test_the_words_of_a_worker_that_breaks_reach_the_history_whatever_characters_they_hold(machine: Machine) -> None:
    says = b"import sys; print('a \"quoted\" \\\\ back\\tslash \\x1b[31m \\u00e9', file=sys.stderr); sys.exit(7)"
    ended = machine.boot(machine.bundle(says))
    assert ended.returncode == 1
    event = machine.failure_event()
    assert event["phase"] == "worker"
    assert any('a "quoted" \\ back' in str(line) for line in event["log_tail"])  # type: ignore[attr-defined]


def test_a_worker_that_ended_well_leaves_no_failure_however_its_machine_takes_it(machine: Machine) -> None:
    says = b"import os, pathlib, signal; pathlib.Path('left').touch(); os.kill(os.getpid(), signal.SIGKILL)"
    ended = machine.boot(machine.bundle(says))
    assert ended.returncode == 0, ended.stderr
    assert machine.aws.keys(CONTROL, EVENTS) == []


def test_the_word_of_an_earlier_worker_on_the_machine_is_not_believed(machine: Machine) -> None:
    machine.root.mkdir(parents=True, exist_ok=True)
    (machine.root / "left").touch()
    assert machine.boot(machine.bundle(b"raise SystemExit(7)")).returncode == 1
    assert machine.failure_event()["phase"] == "worker"


DIES = """
import os, pathlib, signal
pathlib.Path(os.environ["GEMS_ROOT"], "position").write_text("type\\nK001\\nK002\\n")
print("the last line", flush=True)
os.kill(os.getpid(), signal.{name})
"""


@pytest.mark.parametrize(("name", "exit_code"), [("SIGKILL", 137), ("SIGSEGV", 139), ("SIGABRT", 134)])
def test_a_killed_worker_leaves_its_own_exit_code_its_step_and_samples_and_its_log(
    machine: Machine, name: str, exit_code: int
) -> None:
    assert machine.boot(machine.bundle(DIES.format(name=name).encode())).returncode == 1
    event = machine.failure_event()
    assert (event["phase"], event["exit_code"], event["position"]) == ("worker", exit_code, ["type", "K001", "K002"])
    assert event["limit_seconds"] == 60
    assert 0 <= int(str(event["seconds"])) < 50
    assert int(str(event["free_kilobytes"])) > 0
    assert event["kernel"] == ""
    assert "the last line" in machine.kept_log()


def test_the_kernels_word_of_a_process_that_it_killed_goes_with_it(machine: Machine) -> None:
    said = '[ 93.1] Out of memory: Killed process 812 ("python3")'
    program(
        machine.bin / "dmesg", f"import sys\nassert sys.argv[1] == '--since', sys.argv\nprint('a')\nprint({said!r})\n"
    )
    machine.boot(machine.bundle(DIES.format(name="SIGKILL").encode()))
    assert machine.failure_event()["kernel"] == said


def test_a_machine_whose_disk_is_full_can_still_say_so(machine: Machine) -> None:
    # Nothing of what it says goes by way of the disk.
    fills = "raise OSError(28, 'No space left on device')"
    program(machine.bin / "df", "print('Avail')\nprint('0')\n")
    machine.boot(machine.bundle(fills.encode()))
    event = machine.failure_event()
    assert event["free_kilobytes"] == 0
    assert any("No space left on device" in str(line) for line in event["log_tail"])  # type: ignore[attr-defined]


def wait_until_ready(machine: Machine) -> None:
    """Till the worker says that it can take a signal."""
    eventually((machine.root / "ready").exists, "the worker is ready")


def test_a_worker_that_left_in_order_leaves_no_event_whatever_ends_the_script_afterwards(machine: Machine) -> None:
    # A final worker has its own machine ended: the signal may come when it has left already.
    leaves = (
        b"import os, pathlib, signal, time\n"
        b"root = pathlib.Path(os.environ['GEMS_ROOT'])\n(root / 'ready').touch()\n"
        b"signal.signal(signal.SIGTERM, signal.SIG_DFL)\ntime.sleep(60)\n"
    )
    process = machine.start(machine.bundle(leaves))
    wait_until_ready(machine)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    machine.aws.enforce(on=False)
    assert process.returncode == 0
    assert machine.aws.keys(CONTROL, EVENTS) == []
    assert "the worker has ended" in machine.kept_log()


def test_no_credential_is_an_argument_of_a_process_or_in_the_log(machine: Machine) -> None:
    # A curl that first notes every command line of the machine, then does its work.
    seen = machine.root.parent / "command-lines"
    program(
        machine.bin / "curl",
        "import glob, os, sys\n"
        f"with open({str(seen)!r}, 'ab') as file:\n"
        "    for path in glob.glob('/proc/[0-9]*/cmdline'):\n"
        "        try:\n"
        "            file.write(open(path, 'rb').read().replace(b'\\0', b' ') + b'\\n')\n"
        "        except OSError:\n"
        "            pass\n"
        "os.execv('/usr/bin/curl', ['curl', *sys.argv[1:]])\n",
    )
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode == 0
    command_lines = seen.read_text(errors="replace")
    assert "--aws-sigv4" in command_lines
    role = json.loads(machine.metadata.values["iam/security-credentials/gems-worker"])
    for secret in (role["SecretAccessKey"], role["Token"], role["AccessKeyId"], machine.metadata.token):
        assert secret not in command_lines
        assert secret not in machine.log


def test_a_machine_on_ec2_arms_its_dead_mans_switch_and_shuts_down_in_the_end(machine: Machine) -> None:
    calls = machine.root.parent / "shutdowns"
    program(machine.bin / "shutdown", f"import sys\nopen({str(calls)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n")
    ended = machine.boot(machine.bundle(b"raise SystemExit(3)"), on_end="shutdown", dead_man_seconds=3601)
    assert ended.returncode == 1
    assert calls.read_text().splitlines() == ["-h +61", "-h now"]


def test_the_dead_mans_switch_is_armed_before_anything_that_may_hang(machine: Machine) -> None:
    calls = machine.root.parent / "shutdowns"
    program(machine.bin / "shutdown", f"import sys\nopen({str(calls)!r}, 'a').write(' '.join(sys.argv[1:]) + '\\n')\n")
    with socket.create_server(("127.0.0.1", 0)) as mute:  # takes connections and never answers
        machine.metadata_url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        process = machine.start(machine.bundle(b""), on_end="shutdown", dead_man_seconds=7200)
        try:
            mute.settimeout(20)
            connection, _ = mute.accept()
            connection.close()
            assert calls.read_text().splitlines() == ["-h +120"]
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # with the curl that asks again and again
            process.communicate(timeout=120)
            machine.aws.enforce(on=False)


def test_a_worker_that_outlives_the_jobs_time_is_ended(machine: Machine) -> None:
    started = time.monotonic()
    ended = machine.boot(machine.bundle(b"import time; time.sleep(600)"), dead_man_seconds=1)
    assert ended.returncode == 1
    assert "exit code 124" in ended.stderr
    assert time.monotonic() - started < 20


def test_a_signal_reaches_the_worker_which_may_leave_in_order(machine: Machine) -> None:
    waits = (
        b"import os, pathlib, signal, sys, time\n"
        b"root = pathlib.Path(os.environ['GEMS_ROOT'])\n"
        b"def leave(*_):\n    (root / 'left').touch()\n    sys.exit(0)\n"
        b"signal.signal(signal.SIGTERM, leave)\n(root / 'ready').touch()\ntime.sleep(60)\n"
    )
    process = machine.start(machine.bundle(waits))
    wait_until_ready(machine)
    process.send_signal(signal.SIGTERM)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 0, stderr
    assert (machine.root / "left").exists()


def test_an_instance_without_a_role_says_what_it_lacks(machine: Machine) -> None:
    machine.metadata.values["iam/security-credentials/gems-worker"] = '{"Code": "Failed"}'
    ended = machine.boot("0" * 64)
    assert ended.returncode != 0
    assert "give the instance a profile" in ended.stderr


def test_a_machine_that_may_not_install_says_what_it_lacks_and_leaves_its_packages_alone(machine: Machine) -> None:
    program(machine.bin / "java", "import sys\nprint('openjdk version \"11.0.2\"', file=sys.stderr)\n")
    machine.environment["GEMS_INSTALL"] = "no"
    ended = machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS))
    assert ended.returncode == 1
    assert "this machine lacks Java 17 or newer, and GEMS_INSTALL=no forbids" in ended.stderr
    assert machine.failure_event()["phase"] == "installation"
    assert not (machine.root.parent / INSTALLED).exists()


def old_java(machine: Machine) -> None:
    program(machine.bin / "java", "import sys\nprint('openjdk version \"11.0.2\"', file=sys.stderr)\n")


def test_a_machine_whose_image_has_all_fetches_and_installs_nothing(machine: Machine) -> None:
    machine.root.mkdir()
    (machine.root / "provisioned").write_text(
        f"provision=1\npurpose=bake\npython={sys.executable}\npython_version=3.11.9\n"
    )
    (machine.root / "worker.sha256").write_text("a" * 64)
    (machine.root / "worker" / "worker").mkdir(parents=True)
    (machine.root / "worker" / "worker" / "__main__.py").write_bytes(WRITES_ITS_SURROUNDINGS)
    program(machine.bin / "java", "raise SystemExit('asked for its version')\n")
    ended = machine.boot("a" * 64)
    assert ended.returncode == 0, ended.stderr
    assert (machine.root / "facts.json").exists()
    assert not (machine.root.parent / INSTALLED).exists()


def test_an_image_made_by_an_older_script_is_looked_at_again(machine: Machine) -> None:
    machine.root.mkdir()
    (machine.root / "provisioned").write_text(f"provision=0\npurpose=bake\npython={sys.executable}\n")
    old_java(machine)
    machine.sleeps()
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode != 0
    assert (machine.root.parent / INSTALLED).exists()


def test_a_machine_that_may_install_does(machine: Machine) -> None:
    old_java(machine)
    machine.sleeps()
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode != 0
    assert (machine.root.parent / INSTALLED).exists()
    assert "expected apt-get update to succeed within five minutes" in machine.log


def test_a_held_lock_of_the_packages_is_waited_for(machine: Machine) -> None:
    # The lists' lock is held twice; then Java is installed. dpkg's own lock is waited for by apt, as it is told to.
    old_java(machine)
    machine.sleeps()
    calls = machine.root.parent / "apt-calls"
    program(
        machine.bin / "apt-get",
        "import os, pathlib, sys\n"
        f"calls = pathlib.Path({str(calls)!r})\n"
        "with calls.open('a') as file:\n    file.write(' '.join(sys.argv[1:]) + '\\n')\n"
        "if 'update' in sys.argv and len(calls.read_text().splitlines()) <= 2:\n"
        "    sys.exit('E: Could not get lock /var/lib/apt/lists/lock')\n"
        "if 'install' in sys.argv:\n"
        f"    path = pathlib.Path({str(machine.bin / 'java')!r})\n"
        "    path.write_text(path.read_text().replace('11.0.2', '17.0.1'))\n",
    )
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode == 0, machine.log
    assert machine.sleeps() == ["5", "10"]
    said = calls.read_text().splitlines()
    assert [line.split()[-1] for line in said] == ["update", "update", "update", "openjdk-17-jre-headless"]
    assert all("DPkg::Lock::Timeout=600" in line for line in said)


def test_another_python_than_the_bundles_is_refused_in_words(machine: Machine) -> None:
    machine.environment["GEMS_INSTALL"] = "no"
    ended = machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS, python="3.99"))
    assert ended.returncode == 1
    assert "expected Python 3.99, which the worker bundle was made for, found Python 3." in ended.stderr
    assert "use an image that has it" in ended.stderr
    assert machine.failure_event()["phase"] == "installation"
    assert not (machine.root / "facts.json").exists()


def test_nor_is_a_named_python_taken_that_is_another_one(machine: Machine) -> None:
    machine.environment |= {"GEMS_INSTALL": "no", "GEMS_PYTHON": sys.executable}
    assert "expected Python 3.99" in machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS, python="3.99")).stderr


def test_the_bundle_names_the_python_that_it_was_made_for(machine: Machine) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    machine.environment |= {"GEMS_INSTALL": "no", "GEMS_PYTHON": sys.executable}
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS, python=here)).returncode == 0


def test_a_bundle_of_another_processor_is_refused_with_words(machine: Machine) -> None:
    other = {"x86_64": "aarch64"}.get(platform.machine(), "x86_64")
    ended = machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS, processor=other))
    assert ended.returncode == 1
    told = (
        f"expected a processor of {other}, which the worker bundle was made for, found {platform.machine()}; run gems"
    )
    assert told in ended.stderr
    assert machine.failure_event()["phase"] == "worker bundle"
    assert not (machine.root / "facts.json").exists()


def test_a_bundle_of_this_processor_is_taken(machine: Machine) -> None:
    sha256 = machine.bundle(WRITES_ITS_SURROUNDINGS, processor=platform.machine())
    assert machine.boot(sha256).returncode == 0, machine.log


@pytest.mark.parametrize(("fault", "code"), [("missing", "NoSuchKey"), ("forbidden", "AccessDenied")])
def test_a_bundle_that_s3_does_not_give_is_told_by_its_address_and_s3s_code(
    machine: Machine, fault: str, code: str
) -> None:
    sha256 = machine.bundle(WRITES_ITS_SURROUNDINGS)
    if fault == "missing":
        machine.aws.s3.delete_object(Bucket=CONTROL, Key=WORKER_KEY)
    else:
        machine.aws.iam.put_role_policy(RoleName="gems-worker", PolicyName="all", PolicyDocument=ONLY_EVENTS)
    ended = machine.boot(sha256)
    assert ended.returncode == 1
    assert f"expected the worker bundle s3://{CONTROL}/{WORKER_KEY}, found {code}; publish" in ended.stderr


def test_slow_and_failing_answers_of_the_metadata_service_are_asked_for_again(machine: Machine) -> None:
    machine.metadata.troubles = {"instance-id": [500, 404], "iam/security-credentials/": [404]}
    machine.metadata.slow_seconds = 1.5
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode == 0, machine.log
    assert machine.metadata.troubles == {"instance-id": [], "iam/security-credentials/": []}


def test_credentials_that_are_not_there_yet_are_waited_for(machine: Machine) -> None:
    role = "iam/security-credentials/gems-worker"
    machine.metadata.first[role] = ['{"Code": "Failed"}', '{"Code": "Failed"}']
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS)).returncode == 0, machine.log
    assert machine.metadata.first[role] == []


def test_the_python_that_the_surroundings_name_runs_the_worker(machine: Machine) -> None:
    named = machine.root.parent / "python-of-mine"
    named.write_text(f'#!/bin/sh\necho "named python" >&2\nexec {sys.executable} "$@"\n')
    named.chmod(0o755)
    machine.environment["GEMS_PYTHON"] = str(named)
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert machine.boot(machine.bundle(WRITES_ITS_SURROUNDINGS, python=here)).returncode == 0
    assert "named python" in machine.log
    assert (machine.root / "facts.json").exists()
