"""``gems review show``: who said what of a job's results, as the API tells it."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from gems_cli.jobs.credentials import api_client
from gems_cli.terminal import open_console
from gems_core.review.document import review_of_document
from gems_core.review.job import JobReview
from gems_core.review.state import SampleReview
from gems_report.review import Said, said_of, told_moment

_STANDING = ("not approved", "approved once", "approved")
_STYLES = {"not approved": "yellow", "approved once": "yellow", "approved": "green"}


@click.command()
@click.argument("session_key")
@click.option("--sample", "names", multiple=True, help="Only this sample; may be given several times.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole log as JSON, for `gems report --review`.")
def show(session_key: str, *, names: tuple[str, ...], as_json: bool) -> None:
    """Show how the reviews of a job's samples stand, and all that was said.

    The log is proven: entries that were changed, cut or moved are refused.
    """
    document = api_client().review(session_key)
    review = review_of_document(document)
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    wanted = [name for name in sorted(review.reviews) if not names or name in names]
    open_console().print(_view(review, wanted), soft_wrap=True)


def _view(review: JobReview, names: Iterable[str]) -> RenderableType:
    table = Table("sample", "standing", "review", "approved by", "overridden", box=None, pad_edge=False)
    lines = []
    for name in names:
        one = review.reviews[name]
        standing = _STANDING[len(one.approvals)]
        overridden = ", ".join(f"{locus} {one.overrides[locus].call}" for locus in sorted(one.overrides))
        state = f"{one.state.value} ({one.assignee})" if one.assignee else one.state.value
        cells = (_plain(name), Text(standing, style=_STYLES[standing]), _plain(state), _plain(_approvals(one)))
        table.add_row(*cells, _plain(overridden or "-"))
        lines += [Text(""), Text(_printable(name), style="bold"), *map(_line, said_of(review, name))]
    head = f"{review.session_key}  {review.last} entries"
    if not review.last:
        return Text(f"{head}: nobody has said anything yet")
    return Group(Text(head), table, *lines)


def _line(said: Said) -> Text:
    return _plain(f"{said.number:>4}  {said.words}")


def _approvals(review: SampleReview) -> str:
    return ", ".join(f"{one.by} {told_moment(one.at)}" for one in review.approvals) or "-"


def _plain(text: str) -> Text:
    """A text of somebody's: never markup, and nothing that steers a terminal."""
    return Text(_printable(text))


def _printable(text: str) -> str:
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)
