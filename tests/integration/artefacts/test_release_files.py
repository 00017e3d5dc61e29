"""The files of a release, and when it is refused."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.release_files import SUMS, write_release
from gems_core import __version__


def test_a_release_has_its_files_their_bills_and_their_sums(tmp_path: Path) -> None:
    wheel, jar = tmp_path / "gems_hla-1-py3-none-any.whl", tmp_path / "hla-typer.jar"
    wheel.write_bytes(b"a wheel")
    jar.write_bytes(b"a jar")
    folder = tmp_path / "release"
    *files, sums = write_release(wheel, jar, folder)
    assert sums.name == SUMS
    told = dict(line.split("  ")[::-1] for line in sums.read_text().splitlines())
    assert told == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    named = {path.name for path in files}
    assert named == {name for one in (wheel.name, f"hla-typer-{__version__}.jar") for name in (one, f"{one}.cdx.json")}
    bill = json.loads((folder / f"hla-typer-{__version__}.jar.cdx.json").read_text())
    assert bill["metadata"]["component"]["hashes"][0]["content"] == hashlib.sha256(b"a jar").hexdigest()
    assert {"picocli", "jackson-databind"} <= {component["name"] for component in bill["components"]}
    again = [path.read_bytes() for path in write_release(wheel, jar, folder)]
    assert again == [path.read_bytes() for path in (*files, sums)]


def test_a_release_that_is_not_ready_is_refused_with_each_reason(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    for name in ("tools/release.sh", "gems_core/__init__.py", "CHANGELOG.md"):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        (clone / name).write_bytes((SOURCE_ROOT / name).read_bytes())
    (clone / "CHANGELOG.md").write_text(f"## {__version__} (unreleased)\n")
    git = ["git", "-C", str(clone), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", f"v{__version__}"]):
        subprocess.run([*git, *words], check=True)
    (clone / "CHANGELOG.md").write_text("changed")
    done = subprocess.run(["bash", str(clone / "tools" / "release.sh")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    for reason in (
        "expected a clean clone",
        "in CHANGELOG.md, found none",
        f"expected no tag v{__version__}, found one",
    ):
        assert reason in done.stderr
