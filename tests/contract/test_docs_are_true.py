"""Commands, routes, settings, make's targets and names that the pages tell exist in the code; every page is in the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml

from gems_cli.main import gems

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")])
# What pages of the past tell need not be there today.
OF_TODAY = [page for page in PAGES if page.name != "CHANGELOG.md"]
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
SOURCES = ("gems_*/**/*.py", "gems_*/**/*.html", "worker/**/*.py", "userdata/*", "tests/**/*.py", "tests/contract/*.json", "tools/**/*.*", "infra/*",
           "hla-typer/src/main/**/*.java", "hla-typer/src/main/**/*.json", "gems_*/data/*.json", ".ci/*", ".github/**/*.yml", ".circleci/*", "Makefile", "Dockerfile", "zappa_settings.json",
           "compose.yaml", "pyproject.toml", "mkdocs.yml", "setup.py", "package.json", "*.in", "*requirements*.txt")  # fmt: skip


@pytest.fixture(scope="module")
def words() -> set[str]:
    """Every name that stands in the code."""
    found: set[str] = set()
    for pattern in SOURCES:
        for path in ROOT.glob(pattern):
            if path.is_file():
                found.update(re.findall(r"[A-Za-z][A-Za-z0-9_]*", path.read_text(encoding="utf-8", errors="replace")))
    # The typer's enums are told by their names in lower case.
    return found | {name.lower() for name in found if name.isupper()}


def commands(page: str) -> Iterator[str]:
    """The ``gems`` commands of a page: those in inline code, and lines of blocks, continued lines as one."""
    joined = page.replace("\\\n", " ")
    for found in re.finditer(r"^\s*(?:\$ |sudo )?gems ([^\n#]*)|`gems ([^`\n]*)`", joined, re.M):
        yield found[1] or found[2] or ""


def unknown_parts(command: str) -> list[str]:
    """What of a command line the program does not have: a subcommand, or an option of it."""
    known: click.Command = gems
    options, missing = {"--help", "--version"}, []
    is_value = False
    for word in re.sub(r"['\"\[\]()]", " ", command).split():
        if is_value:
            is_value = False
        elif isinstance(known, click.Group) and re.fullmatch(r"[a-z][a-z|-]*", word):
            choices = word.split("|")
            group, context = known, click.Context(known)  # the program loads its commands when they are asked for
            parts = [group.get_command(context, choice) for choice in choices]
            missing += [choice for choice, part in zip(choices, parts, strict=True) if part is None]
            options |= names_of(group)
            if parts[0] is None:
                break
            known = parts[0]
        elif re.fullmatch(r"--?[a-z][a-z-]*(=.*)?", word):
            option = word.partition("=")[0]
            missing += [option] if option not in options | names_of(known) else []
            is_value = "=" not in word and option in names_of(known, with_value=True)
    return missing


def names_of(command: click.Command, *, with_value: bool = False) -> set[str]:
    """The options of a command; on demand those only that a value follows."""
    return {
        name
        for each in command.params
        if not (with_value and getattr(each, "is_flag", False))
        for name in (*each.opts, *each.secondary_opts)
    }


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.name)
def test_commands_of_a_page_exist(page: Path) -> None:
    wrong = {
        command: parts for command in commands(page.read_text(encoding="utf-8")) if (parts := unknown_parts(command))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("run FASTQ_DIR -o OUT --panel none", []),
        ("job start|list|show", []),
        ("job start|lst", ["lst"]),
        ("run FASTQ_DIR --out OUT", ["--out"]),
        ("credentials rotate --user --stage dev", []),
        ("nonsense", ["nonsense"]),
    ],
)
def test_wrong_commands_are_found(command: str, expected: list[str]) -> None:
    assert unknown_parts(command) == expected


def test_commands_are_found_in_blocks_and_in_lines() -> None:
    page = "```sh\ngems run A \\\n   -o B   # a comment\n```\nThen `gems job list` shows it.\n"
    assert [command.split() for command in commands(page)] == [["run", "A", "-o", "B"], ["job", "list"]]


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.name)
def test_routes_of_a_page_exist(page: Path) -> None:
    rules = re.findall(r"`(?:GET|POST) (/[^`]*)`", (ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    known = {shape_of(rule) for rule in rules}
    told = re.findall(r"`(?:GET|POST|PUT) (/[^`]*)`", page.read_text(encoding="utf-8"))
    # Others' routes: those of BaseSpace, of STS (the root), and of the stand-ins, which have them as literals.
    ours = [route for route in told if not route.startswith("/v1pre3/") and shape_of(route) not in known | {"/"}]
    stand_ins = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("gems_local/**/*.py"))
    assert [route for route in ours if shape_of(route) not in stand_ins] == []


def shape_of(route: str) -> str:
    """A route with its variables alike, however a page names them."""
    path = re.split(r"[?, ]", route, maxsplit=1)[0]
    return re.sub(r"<[^>]*>|\{[^}]*\}|…|\$KEY|KEY", "_", path).rstrip("/") or "/"


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.name)
def test_targets_of_make_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z0-9-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^ *```.*?^ *```", text, re.M | re.S))
    told = set(re.findall(r"^ *(?:sudo )?make ([a-z][a-z0-9-]*)", blocks, re.M))
    told |= set(re.findall(r"`(?:sudo )?make ([a-z][a-z0-9-]*)", text))
    assert told - targets == set()


@pytest.mark.parametrize("page", OF_TODAY, ids=lambda page: page.name)
def test_names_of_a_page_stand_in_the_code(page: Path, words: set[str]) -> None:
    """Settings, flags, fields and states, that is whole words in code with an underscore."""
    told = set(re.findall(r"`([A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)`", page.read_text(encoding="utf-8")))
    assert told - words == set()


def test_every_page_stands_in_the_site() -> None:
    told = set(pages_of(SITE["nav"]))
    assert {page.name for page in ROOT.glob("docs/*.md")} == {name for name in told if "/" not in name}
    assert "adr/index.md" in told


def pages_of(nav: object) -> Iterator[str]:
    """The pages that the site's table of contents names."""
    if isinstance(nav, str):
        yield nav
    for part in nav if isinstance(nav, list) else nav.values() if isinstance(nav, dict) else ():
        yield from pages_of(part)


def test_every_decision_stands_in_their_list() -> None:
    told = (ROOT / "docs" / "adr" / "index.md").read_text(encoding="utf-8")
    rows = set(re.findall(r"^\| [0-9]+ \| \[.*\]\(.*\) \|$", told, re.M))
    for page in ROOT.glob("docs/adr/0*.md"):
        number, title = re.fullmatch(r"# ([0-9]+)\. (.*)", page.read_text(encoding="utf-8").splitlines()[0]).groups()  # type: ignore[union-attr]
        row = f"| {number} | [{title}]({page.name}) |"
        assert row in rows, f"add to docs/adr/index.md: {row}"
