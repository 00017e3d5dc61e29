"""Bills of materials, and where artefacts say they come from."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import pytest
from typer_jar import write_typer_jar

from gems_artefacts.bundle import SOURCE_ROOT
from gems_artefacts.checks import BUILT_JAR, panel_version
from gems_artefacts.dependencies import REQUIREMENTS_NAME, read_pins
from gems_artefacts.provenance import NoCommit, Source, clone_source, demand_commit, jar_source
from gems_artefacts.sbom import bill_of_materials, typer_components
from gems_core.manifest import Artefact

ARTEFACT = Artefact("1", "artefacts/worker/1/worker.tar.gz", "0" * 64)


def test_the_workers_bill_names_every_pinned_package() -> None:
    bill = bill_of_materials("worker", ARTEFACT)
    found = {(one["name"], one["version"]) for one in bill["components"]}  # type: ignore[attr-defined]
    assert found == {(pin.name, pin.version) for pin in read_pins(SOURCE_ROOT / REQUIREMENTS_NAME)}
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "0" * 64}]  # type: ignore[index]


def test_a_bill_is_the_same_for_the_same_bytes_and_another_one_for_others() -> None:
    assert json.dumps(bill_of_materials("worker", ARTEFACT)) == json.dumps(bill_of_materials("worker", ARTEFACT))
    other = bill_of_materials("worker", Artefact("1", ARTEFACT.key, "1" * 64))
    assert other["serialNumber"] != bill_of_materials("worker", ARTEFACT)["serialNumber"]


def test_every_reference_of_a_bill_is_to_something_in_it() -> None:
    for kind in ("worker", "hla-typer", "reference", "panel"):
        bill = json.loads(json.dumps(bill_of_materials(kind, ARTEFACT)))
        known = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
        for dependency in bill["dependencies"]:
            assert {dependency["ref"], *dependency["dependsOn"]} <= known


@pytest.mark.skipif(not BUILT_JAR.exists(), reason="the typer is not built here")
def test_the_typers_bill_names_all_that_is_in_its_jar() -> None:
    package_of = {
        "picocli": "picocli",
        "jackson-databind": "com/fasterxml/jackson/databind",
        "jackson-core": "com/fasterxml/jackson/core",
        "jackson-annotations": "com/fasterxml/jackson/annotation",
    }
    named = {package_of[one.name] for one in typer_components(SOURCE_ROOT)}
    with zipfile.ZipFile(BUILT_JAR) as jar:
        classes = [name for name in jar.namelist() if name.endswith(".class") and not name.startswith("META-INF/")]
    strangers = {name for name in classes if not name.startswith((*(f"{one}/" for one in named), "org/gems/"))}
    assert strangers == set()


def test_a_jar_tells_its_commit_and_jdk(tmp_path: Path) -> None:
    jar = tmp_path / "typer.jar"
    for commit, found in (("0123456789abcdef", "0123456789ab"), ("dev", "unknown"), ("'; rm -rf /", "unknown")):
        write_typer_jar(jar, commit)
        assert (jar_source(jar).commit, jar_source(jar).jdk) == (found, "17")
    jar.write_bytes(b"no jar")
    assert jar_source(jar).commit == "unknown"


def test_a_clone_tells_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        named = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
        subprocess.run(["git", "-C", str(tmp_path), *named, *arguments], check=True, capture_output=True)

    assert clone_source(tmp_path).commit == "unknown"
    git("init", "-q")
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "-qm", "first")
    clean = clone_source(tmp_path)
    assert len(clean.commit) == 12
    demand_commit("worker", clean)
    (tmp_path / "file").write_text("2")
    assert clone_source(tmp_path).commit == f"{clean.commit}-dirty"


@pytest.mark.parametrize("commit", ["unknown", "0123456789ab-dirty"])
def test_what_nobody_could_build_again_is_not_published(commit: str) -> None:
    with pytest.raises(NoCommit, match=f"found {commit}"):
        demand_commit("worker", Source(commit))


def test_a_panel_is_known_by_the_name_of_its_file(tmp_path: Path) -> None:
    for name, found in (
        ("our kit, 2026", "our-kit-2026"),
        ("panel-none", "none"),
        ("---", "panel"),
        ("x" * 90, "x" * 40),
    ):
        path = tmp_path / f"{name}.tsv"
        path.write_text("x")
        assert panel_version(path) == f"{found}-2d711642b726"
