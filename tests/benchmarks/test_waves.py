"""The wave simulation of ``bench_api``, small: spot takes half of the workers, and the job ends all the same, in time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_a_spot_job_that_loses_half_of_its_workers_in_waves_ends_within_one_and_a_half_times_its_time() -> None:
    # A process of its own: the simulation puts its own clocks and pools into the app's modules.
    command = [sys.executable, str(HERE / "bench_api.py"), "--only", "waves", "--workers", "20", "--minutes", "60"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waves: times as long" in done.stdout
