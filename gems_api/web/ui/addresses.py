"""The addresses of the pages, and where their views are. A view's module is loaded when somebody first asks for it.

Programs ask for no page, and the Lambda's start should not wait for what it does not need: the modules of the pages and
their templates are a tenth of the start. To add a page, add a line here and its view.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, NamedTuple

from flask import Blueprint
from flask.typing import ResponseReturnValue

ui = Blueprint("ui", __name__)


class Page(NamedTuple):
    """A page, or a part of one.

    Attributes:
        rule: its address, as Flask writes it.
        view: module below this package, and function; the function's name is the endpoint's (``ui.<name>``).
        method: ``GET``, or ``POST`` of a form.
    """

    rule: str
    view: str
    method: str = "GET"

    @property
    def endpoint(self) -> str:
        """The name under which links find it."""
        return self.view.partition(":")[2]

    @property
    def function(self) -> Any:  # noqa: ANN401 - a view takes what its rule names
        """The view."""
        module, _, name = self.view.partition(":")
        return getattr(import_module(f"{__package__}.{module}"), name)

    def answer(self, **values: str) -> ResponseReturnValue:
        """Answer a request."""
        answer: ResponseReturnValue = self.function(**values)
        return answer


# What shows results (a run, a sample, a comparison) has modules of its own beside these. Once there is a page `run` of a
# session key, the page of a job leads to it.
PAGES = (
    Page("/sign-in", "sign_in:sign_in"),
    Page("/sign-in", "sign_in:post_sign_in", "POST"),
    Page("/sign-out", "sign_in:post_sign_out", "POST"),
    Page("/sign-in/sso", "sso:sso"),
    Page("/sign-in/sso/back", "sso:sso_back"),
    Page("/sign-in/sso/leave", "sso:sso_leave"),
    Page("/password", "password:password"),
    Page("/password", "password:post_password", "POST"),
    Page("/jobs", "jobs:jobs"),
    Page("/jobs/rows", "jobs:job_rows"),
    Page("/worklist", "worklist:worklist"),
    Page("/jobs/new", "new_job:new_job"),
    Page("/jobs/new", "new_job:post_new_job", "POST"),
    Page("/jobs/<session_key>", "job:job"),
    Page("/jobs/<session_key>/live", "job:job_live"),
    Page("/jobs/<session_key>/run", "run:run"),
    Page("/jobs/<session_key>/compare", "compare:compare"),
    Page("/jobs/<session_key>/compare", "compare:post_compare", "POST"),
    Page("/jobs/<session_key>/match", "match:match"),
    Page("/jobs/<session_key>/samples/<sample>", "sample:sample"),
    Page("/jobs/<session_key>/samples/<sample>", "review:post_review", "POST"),
    Page("/jobs/<session_key>/cancel", "job:post_cancel", "POST"),
    Page("/jobs/<session_key>/retry", "job:post_retry", "POST"),
    Page("/basespace", "basespace:basespace"),
    Page("/basespace/oauth", "basespace:basespace_oauth"),
    Page("/basespace/launch", "basespace:basespace_launch"),
    Page("/basespace/launch", "basespace:post_basespace_launch", "POST"),
    Page("/static/<digest>/<path:name>", "assets:static_file"),
)
for page in PAGES:
    ui.add_url_rule(page.rule, page.endpoint, page.answer, methods=[page.method])
