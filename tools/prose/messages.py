"""Every text that the code can say to somebody, as one list that a person can read.

A message is a literal of three words or more that is not a docstring: texts of errors with what they expected and found, of
logs, of the command line and its options, of flags and pages. Docstrings of commands count, because ``--help`` prints them.
What a program puts in stands as ``{name}``. The arguments of one call stand in one entry, since a reader meets them together.
"""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

HOUSES = (
    "gems_api", "gems_artefacts", "gems_cli", "gems_core", "gems_deploy", "gems_formats", "gems_local", "gems_reference",
    "gems_report", "gems_simulator", "userdata", "worker",
)  # fmt: skip
_TYPER = Path("hla-typer/src/main/java")
_LEAST_WORDS = 3
_WORD = re.compile(r"(?<![\w{}/.$<-])[A-Za-z][a-z'’]*(?:-[a-z]+)*(?![\w{}/$=<>(\[])")
# Programs, markup, patterns and statements for machines are no messages.
_CODE = re.compile(
    r"\\[sdwb(]|\(\?|</|/>|^\s*<|^\s*\{\W|\$\{|&&|\|\||::|=\{|\b(?:aws|sh|kms|s3):[A-Z*]|^[A-Z][\w]*=|;\s*$|--%>"
)
_JAVA_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"(?:\s*\+\s*"((?:[^"\\\n]|\\.)*)")*')
_JAVA_PART = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_JAVA_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.S | re.M)
_TAGS = re.compile(r"<(script|style)\b.*?</\1>|\{%.*?%\}|\{#.*?#\}|<!--.*?-->", re.S)


def catalogue(root: Path) -> str:
    """The list as it is kept in ``tests/contract/messages.txt``: the messages of each file below its name."""
    parts = []
    for path, messages in sources(root):
        told = list(dict.fromkeys(messages))
        if told:
            parts.append("\n".join([path.as_posix(), *(f"    {message}" for message in told)]))
    return "\n\n".join(parts) + "\n"


def sources(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each file with its messages: modules, pages' templates, then the typer."""
    for house in HOUSES:
        for path in sorted((root / house).rglob("*.py")):
            yield path.relative_to(root), of_module(path.read_text(encoding="utf-8"))
        for path in sorted((root / house).rglob("*.html")):
            yield path.relative_to(root), of_template(path.read_text(encoding="utf-8"))
    for path in sorted((root / _TYPER).rglob("*.java")):
        yield path.relative_to(root), of_java(path.read_text(encoding="utf-8"))


def of_module(source: str) -> list[str]:
    """The messages of a Python module, in the order of its lines."""
    collector = _Collector()
    collector.visit(ast.parse(source))
    return collector.messages


def of_java(source: str) -> list[str]:
    """The messages of a Java source: literals, those that are joined by ``+`` as one."""
    texts = (
        "".join(_JAVA_PART.findall(found.group())).replace('\\"', '"').replace("\\n", " ")
        for found in _JAVA_TEXT.finditer(_JAVA_COMMENT.sub("", source))
    )
    return [text for text in map(_tidy, texts) if is_message(text)]


def of_template(source: str) -> list[str]:
    """The texts of a page's template, tag by tag."""
    text = re.sub(r"\{\{.*?\}\}", "{…}", _TAGS.sub("\n", source), flags=re.S)
    # Tags within a sentence do not end it.
    text = re.sub(r"</?(?:a|b|i|em|strong|code|span|abbr|time|small|kbd)\b[^>]*>", "", text)
    texts = (_tidy(html.unescape(part)) for part in re.split(r"<[^>]*>", text))
    return [text for text in texts if is_message(text)]


def is_message(text: str) -> bool:
    """Whether somebody reads it: three plain words or more, and no code."""
    return len(_WORD.findall(text)) >= _LEAST_WORDS and not _CODE.search(text)


class _Collector(ast.NodeVisitor):
    """Gathers the literals of a module."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """The docstring of a command is its help."""
        decorators = {ast.unparse(each).split("(")[0].rpartition(".")[2] for each in node.decorator_list}
        if decorators & {"command", "group"}:
            paragraphs = re.split(r"\n\s*\n", ast.get_docstring(node) or "")
            self.messages += filter(is_message, map(_tidy, paragraphs))
        self.generic_visit(node)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A literal that stands alone is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """The texts among a call's arguments are one entry."""
        self.visit(node.func)
        rest, texts = list[ast.expr](), list[str]()
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            text = _literal(argument)
            if text is None:
                rest.append(argument)
            else:
                texts += _lines(text)
        if any(is_message(text) for text in texts):
            self.messages.append(" | ".join(texts))
        for argument in rest:
            self.visit(argument)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Literals that ``+`` joins are one."""
        if _literal(node) is None:
            self.generic_visit(node)
        else:
            self._take(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A literal outside of calls."""
        self._take(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A literal with values in it."""
        self._take(node)

    def _take(self, node: ast.expr) -> None:
        lines = _lines(_literal(node) or "")
        if any(is_message(line) for line in lines):
            self.messages.append(" | ".join(lines))


def _literal(node: ast.expr) -> str | None:
    """A text as it stands in the source, values as ``{name}``; None of anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _literal(node.left), _literal(node.right)
        return None if left is None or right is None else f"{left}{right}"
    return "".join(_part(part) for part in node.values) if isinstance(node, ast.JoinedStr) else None


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    value = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(value, ast.Name):
        return f"{{{value.id}}}"
    return f"{{{value.attr}}}" if isinstance(value, ast.Attribute) else "{…}"


def _lines(text: str) -> list[str]:
    """The lines of a text that have something in them: those of a table stay apart."""
    return [tidy for line in text.splitlines() if (tidy := _tidy(line))]


def _tidy(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    """Write the list again: ``python -m prose.messages``."""
    root = Path.cwd()
    (root / "tests" / "contract" / "messages.txt").write_text(catalogue(root), encoding="utf-8")


if __name__ == "__main__":
    main()
