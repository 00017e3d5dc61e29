from __future__ import annotations

import shlex
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worker_fakes import SESSION_KEY

from gems_core.layout import ARTEFACT_KINDS, OPTIONAL_ARTEFACT_KINDS
from gems_core.manifest import Artefact
from userdata import LARGEST_USER_DATA_BYTES, Bootstrap, render

PLAIN = Bootstrap(
    str(SESSION_KEY),
    "https://api.test",
    "eu-west-1",
    "control",
    {kind: Artefact("1", f"artefacts/{kind}/1/{kind}", "0" * 64) for kind in ARTEFACT_KINDS},
    "gems.worker.token",
    "credential-store",
    7200,
)
PRINTABLE = st.text(st.characters().filter(str.isprintable), max_size=40)


def values_of(script: str) -> list[str]:
    """The values as bash itself reads the assignments."""
    names = ["session_key", "api_url", "region", "control_bucket", "worker_credential"]
    assignments = script.partition("# BEGIN VALUES\n")[2].partition("# END VALUES\n")[0]
    prints = "".join(f"printf '%s\\0' \"${{{name}}}\"\n" for name in names)
    run = subprocess.run(["bash", "-c", assignments + prints], capture_output=True, check=True)
    assert run.stderr == b""
    return run.stdout.decode().split("\0")[:-1]


def test_the_script_is_the_repositorys_but_for_its_values() -> None:
    script = render(PLAIN)
    assert script.startswith("#!/usr/bin/env bash\n")
    assert script.endswith("\nmain\n")
    assert values_of(script) == [str(SESSION_KEY), "https://api.test", "eu-west-1", "control", "gems.worker.token"]


@pytest.mark.parametrize(
    "hostile",
    [
        "'; touch /tmp/owned; '",
        "$(reboot)",
        "`reboot`",
        "${HOME}",
        "\\'$(reboot)",
        "# END VALUES",
        '" && reboot #',
        "naïve – ünïcode",
    ],
)
def test_a_hostile_value_stays_a_value(hostile: str) -> None:
    assert values_of(render(replace(PLAIN, control_bucket=hostile)))[3] == hostile


@given(PRINTABLE)
def test_bash_reads_any_printable_value_as_it_was_given(text: str) -> None:
    script = render(replace(PLAIN, worker_credential=text))
    assert f"worker_credential={shlex.quote(text)}\n" in script


@pytest.mark.parametrize("character", ["\n", "\0", "\x1b", "\x7f", "\u2028", "\u202e"])
def test_a_control_character_is_refused_by_the_name_of_the_value(character: str) -> None:
    with pytest.raises(ValueError, match=r"api_url: expected printable characters only.*at position 3"):
        render(replace(PLAIN, api_url=f"htt{character}p"))


def test_a_control_character_in_an_artefacts_key_is_refused_too() -> None:
    artefacts = {**PLAIN.artefacts, "panel": Artefact("1", "artefacts/panel/1/a\nb", "0" * 64)}
    with pytest.raises(ValueError, match="artefact panel, key"):
        render(replace(PLAIN, artefacts=artefacts))


def test_a_script_larger_than_ec2_takes_is_refused_with_both_sizes() -> None:
    with pytest.raises(ValueError, match=rf"at most {LARGEST_USER_DATA_BYTES} bytes, found \d{{5}}"):
        render(replace(PLAIN, api_url="https://" + "a" * LARGEST_USER_DATA_BYTES))


def test_the_largest_lawful_values_fit_into_user_data() -> None:
    longest = f"{'b' * 220}-class-all-261123-12:00:0123456789"
    artefacts = {kind: Artefact("v" * 40, "k" * 200, "0" * 64) for kind in (*ARTEFACT_KINDS, *OPTIONAL_ARTEFACT_KINDS)}
    script = render(replace(PLAIN, session_key=longest, control_bucket="c" * 63, artefacts=artefacts))
    assert len(script.encode()) <= LARGEST_USER_DATA_BYTES


def test_a_missing_artefact_is_refused_by_its_kind() -> None:
    artefacts = {kind: artefact for kind, artefact in PLAIN.artefacts.items() if kind != "reference"}
    with pytest.raises(ValueError, match="found none for reference"):
        replace(PLAIN, artefacts=artefacts)


def test_a_sites_cross_match_reaches_the_worker() -> None:
    artefacts = {**PLAIN.artefacts, "cross_match": Artefact("1", "artefacts/cross_match/1/cross_match", "0" * 64)}
    assert "artefacts/cross_match/1/cross_match" in render(replace(PLAIN, artefacts=artefacts))


def test_a_dead_mans_switch_without_time_is_refused() -> None:
    with pytest.raises(ValueError, match="dead_man_seconds: expected at least 1, found 0"):
        replace(PLAIN, dead_man_seconds=0)


def test_object_names_are_percent_encoded_for_the_signature() -> None:
    artefacts = {**PLAIN.artefacts, "worker": Artefact("1+x", "artefacts/worker/1+x/a b.tar.gz", "0" * 64)}
    script = render(replace(PLAIN, artefacts=artefacts))
    assert "worker_object=artefacts/worker/1%2Bx/a%20b.tar.gz\n" in script
    assert "events_object=jobs/2026-11-23/reads-run1-class-1-261123-12%3A00%3A0123456789/events/\n" in script
