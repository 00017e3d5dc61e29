"""A job's report with its review: made by the API where it can, else here, of the same two documents and by the same writers."""

from __future__ import annotations

import click

from gems_cli.exits import ApiRefused
from gems_cli.jobs.client import ApiClient
from gems_core.json_input import ODD_CONTENT, parse_json
from gems_core.review.document import review_of_document
from gems_report.errors import UnreadableReport
from gems_report.formats import FORMATS
from gems_report.formats.hml_report import NO_SEQUENCES
from gems_report.model import Choices, Report
from gems_report.reading import reviewed_report

_LEFT_TO_CLIENTS = "made_elsewhere"


def reviewed_file(client: ApiClient, session_key: str, extension: str) -> bytes:
    """A job's report in one format, with its review as it stands now.

    Raises:
        ApiRefused, CloudUnreachable: as the client.
        ReviewFaulty, UnreadableReport: as ``fetched_report``.
    """
    try:
        return client.reviewed_report(session_key, extension)
    except ApiRefused as refused:
        if refused.code != _LEFT_TO_CLIENTS:
            raise
    if extension == "hml":
        click.echo(f"the run is too large for the API, and report.json has no exons: {NO_SEQUENCES}", err=True)
    return FORMATS[extension].render(fetched_report(client, session_key))


def fetched_report(client: ApiClient, session_key: str, choices: Choices | None = None) -> Report:
    """A job's report.json with its review, whose log is proven here once more.

    Raises:
        ApiRefused, CloudUnreachable: as the client.
        ReviewFaulty: the log is not whole, or not as GeMS writes it.
        UnreadableReport: report.json is none, or another job's.
    """
    review = review_of_document(client.review(session_key))
    try:
        document = parse_json(client.report(session_key, "json"))
    except ODD_CONTENT as error:
        raise UnreadableReport(f"report.json of {session_key}: {error}") from error
    return reviewed_report(document, review, choices)
