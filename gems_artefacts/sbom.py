"""Bills of materials in CycloneDX 1.6 JSON (ECMA-424): what is in an artefact, the same bytes for the same content.

There is no time and no random number in them; the serial number is made of the artefact's SHA-256.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from gems_artefacts.bundle import SOURCE_ROOT, requirements_file
from gems_artefacts.carried import IN_CLONE, carried
from gems_artefacts.dependencies import read_pins
from gems_core import __version__
from gems_core.manifest import Artefact

_NAMESPACE = uuid.UUID("6a1f62a5-3d29-5d3c-8f6b-0a54a6a3c0b7")
_POM = "{http://maven.apache.org/POM/4.0.0}"
# What Jackson's databind of the same version brings along; a test compares this with the jar.
_BROUGHT = {"jackson-databind": ("jackson-annotations", "jackson-core")}


@dataclass(frozen=True)
class Component:
    """A package in an artefact.

    Attributes:
        purl: package URL without the version (``pkg:pypi/numpy``).
    """

    name: str
    version: str
    purl: str

    def as_json(self) -> dict[str, str]:
        """CycloneDX's component."""
        address = f"{self.purl}@{self.version}"
        return {"type": "library", "bom-ref": address, "name": self.name, "version": self.version, "purl": address}


def bill_of_materials(kind: str, artefact: Artefact, source_root: Path = SOURCE_ROOT) -> dict[str, object]:
    """The bill of one artefact.

    Args:
        kind: ``worker`` and ``hla-typer`` hold packages; library and panel are data.
        artefact: what it is.
        source_root: holds the pins and the typer's pom.xml.
    """
    components = _COMPONENTS.get(kind, lambda _root: [])(source_root)
    described = {
        "type": "application" if kind in _COMPONENTS else "data",
        "bom-ref": f"gems-{kind}",
        "name": f"gems-{kind}",
        "version": artefact.version,
        "hashes": [{"alg": "SHA-256", "content": artefact.sha256}],
    }
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, artefact.sha256)}",
        "version": 1,
        "metadata": {
            "tools": {"components": [{"type": "application", "name": "gems", "version": __version__}]},
            "component": described,
        },
        "components": [component.as_json() for component in sorted(components, key=lambda one: one.purl)],
        "dependencies": [
            {"ref": f"gems-{kind}", "dependsOn": sorted(f"{one.purl}@{one.version}" for one in components)}
        ],
    }


def worker_components(source_root: Path) -> list[Component]:
    """The pinned packages of the worker bundle."""
    pins = read_pins(requirements_file(source_root))
    return [Component(pin.name, pin.version, f"pkg:pypi/{pin.name.lower().replace('_', '-')}") for pin in pins]


def typer_components(source_root: Path) -> list[Component]:
    """The packages in the typer's jar; none where there is no pom.xml to tell them."""
    pom = carried("pom.xml") if source_root == SOURCE_ROOT else source_root / IN_CLONE["pom.xml"]
    if not pom.is_file():
        return []
    project = ElementTree.parse(pom).getroot()  # noqa: S314 - it is our own file
    properties = {item.tag.removeprefix(_POM): item.text or "" for item in project.iterfind(f"{_POM}properties/*")}
    found = []
    for item in project.iterfind(f"{_POM}dependencies/{_POM}dependency"):
        told = {part.tag.removeprefix(_POM): part.text or "" for part in item}
        if told.get("scope", "compile") in ("compile", "runtime"):
            found += _maven(told["groupId"], told["artifactId"], _resolved(told["version"], properties))
    return found


def _maven(group: str, name: str, version: str) -> list[Component]:
    names = (name, *_BROUGHT.get(name, ()))
    return [Component(one, version, f"pkg:maven/{group}/{one}") for one in names]


def _resolved(version: str, properties: Mapping[str, str]) -> str:
    return (
        properties.get(version.removeprefix("${").removesuffix("}"), version) if version.startswith("${") else version
    )


_COMPONENTS = {"worker": worker_components, "hla-typer": typer_components}
