"""What AWS Lambda calls: requests go to the app, the schedule's ticks to the reaper, SES's events to the mails, all else is refused.

It stands where Zappa would put its own handler (docs/adr/0006), which also runs any Python that it is sent
(``{"raw_command": ...}``) and any function that it is named, for everybody who may invoke the function.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from gems_api.handler_app import app
from gems_api.logs import a_request
from gems_api.scheduled import reap, share_context
from gems_api.services.lifecycle.mail_events import SOURCE as SES
from gems_api.services.lifecycle.mail_events import note_mail_event
from gems_api.web.contexts import CONTEXT
from gems_api.web.gateway import answer_http_api, answer_rest_api, of_http_api, of_rest_api

LOG = logging.getLogger(__name__)
REAPER = f"{reap.__module__}.{reap.__name__}"

share_context(app.extensions[CONTEXT])


class EventRefused(Exception):
    """An event that is neither a request nor a tick of the schedule."""


def lambda_handler(event: object, context: object) -> dict[str, Any]:
    """Answer one event.

    Args:
        event: of a REST API, an HTTP API, the schedule, SES, or ``{"command": REAPER}`` as ``zappa invoke`` sends it.
        context: Lambda's own facts of the invocation.

    Raises:
        EventRefused: it is of another kind; nothing was done.
    """
    with a_request(str(getattr(context, "aws_request_id", ""))):
        return _answer(event, context)


def _answer(event: object, context: object) -> dict[str, Any]:
    if isinstance(event, Mapping):
        about = event.get("requestContext")
        if isinstance(about, Mapping) and isinstance(event.get("httpMethod"), str):
            return answer_rest_api(app.wsgi_app, of_rest_api(event))
        if isinstance(about, Mapping) and event.get("version") == "2.0" and "http" in about:
            return answer_http_api(app.wsgi_app, of_http_api(event))
        if _asks_for_reaper(event):
            return reap(event, context)
        if event.get("source") == SES and isinstance(event.get("detail"), Mapping):
            return {"noted": note_mail_event(app.extensions[CONTEXT], event)}
    LOG.warning("an event was refused: it is neither a request nor a tick of the schedule")
    raise EventRefused(
        "expected a request of API Gateway, a tick of the schedule or an event of SES, found another event"
    )


def _asks_for_reaper(event: Mapping[str, Any]) -> bool:
    """Zappa names a schedule's rule ``<function>-<name>-<what to call>``."""
    if event.get("detail-type") == "Scheduled Event":
        resources = event.get("resources")
        return isinstance(resources, list) and len(resources) == 1 and str(resources[0]).endswith(f"-{REAPER}")
    return set(event) == {"command"} and event["command"] == REAPER
