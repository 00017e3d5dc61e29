"""What all tests share."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from hypothesis import settings
from waiting import eventually

# A busy machine is no fault of the code: no test is timed.
settings.register_profile("gems", deadline=None)
settings.load_profile("gems")

ENVIRONMENT = dict(os.environ)
SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="module", autouse=True)
def _environment_is_left_as_found() -> Iterator[None]:
    """Files of tests run in any order in one process: what one sets is gone before the next."""
    yield
    changed = {name for name, _ in ENVIRONMENT.items() ^ os.environ.items()}
    assert not {name for name in changed if not name.startswith("PYTEST_")}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The data folder beside the project; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs the shared data beside the project (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def oidc_issuer() -> Iterator[str]:
    """The address of an OpenID Connect provider by others, ``oidc-provider-mock``, which runs in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--require-nonce", "true"]
    command = [sys.executable, "-m", "oidc_provider_mock", *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            assert process.poll() is None, "it has died"
            try:
                requests.get(f"{address}/.well-known/openid-configuration", timeout=60)
            except requests.ConnectionError:
                return False
            return True

        eventually(answers, "the provider answers", 60)
        yield address
        process.terminate()
        process.wait(20)
