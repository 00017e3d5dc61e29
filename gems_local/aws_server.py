"""The local AWS: moto with AWS's rules around it, served by waitress, and filled. ``python -m`` this.

Settings: ``secrets`` (credential name to value), ``capacity`` (the most instances that one launch gets, and the most tasks
of AWS Batch at once), and perhaps ``strictness`` (fields of ``gems_local.strict.settings.Strictness`` that differ from
``QUICK``) and ``engine`` (``batch`` where AWS Batch is wanted).
"""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.ses.models import ses_backends
from waitress import create_server
from waitress.channel import HTTPChannel

from gems_core.engines import BATCH
from gems_local.aws import LocalAws
from gems_local.aws_gaps import CALLS_PATH, CAPACITY_PATH, LAUNCHES_PATH, MAIL_PATH, sent_mail, with_pages
from gems_local.caller_identity import CallerIdentity
from gems_local.function_urls import FunctionUrls
from gems_local.processes import announce_ready, end_now, read_settings, when_parent_ends
from gems_local.seed import seed
from gems_local.seed_batch import seed_batch
from gems_local.settings import ACCOUNT_ID, REGION
from gems_local.strict.batch.pages import batch_pages
from gems_local.strict.capacity import Pool
from gems_local.strict.moto_state import find_tags_at_once
from gems_local.strict.settings import QUICK, Strictness
from gems_local.strict.stand_in import StrictAws

# Each worker, the API, the agent and the uploads hold connections of their own.
SERVER_THREADS = 24
LONGEST_BODY_BYTES = 8 * 2**30


class _Channel(HTTPChannel):  # type: ignore[misc]
    """Waitress 3.0.2 waits for ever for the body of a request that expects ``100 Continue`` and has none.

    That is how botocore puts an empty object.
    """

    def send_continue(self) -> None:
        """Ask for the body, if there will be one."""
        if self.request.body_rcv is not None:
            super().send_continue()


def main() -> None:
    """Serve until the parent ends."""
    settings = read_settings()
    when_parent_ends(end_now)
    # Reading hundreds of images that nobody asks for would cost a second.
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
    quick = replace(QUICK, instances_per_launch=int(settings["capacity"]))
    endpoint = _serve(replace(quick, **settings.get("strictness", {})))

    seeded = seed(LocalAws(endpoint), settings["secrets"])
    if settings.get("engine") == BATCH:
        seed_batch(LocalAws(endpoint), seeded.subnet_id, int(settings["capacity"]))
    announce_ready({"endpoint": endpoint, "seeded": seeded.as_json()})
    threading.Event().wait()


def _serve(strictness: Strictness) -> str:
    find_tags_at_once()
    aws = StrictAws(CallerIdentity(FunctionUrls(DomainDispatcherApplication(create_backend_app))), strictness)

    def set_capacity(wanted: dict[str, Any]) -> dict[str, Any]:
        aws.capacity.set(Pool(wanted["instance_type"], wanted["subnet"], wanted["market"]), int(wanted["instances"]))
        return wanted

    pages = {
        ("GET", LAUNCHES_PATH): lambda _: list(aws.launches),
        ("GET", MAIL_PATH): lambda _: sent_mail(ses_backends[ACCOUNT_ID][REGION].sent_messages),
        ("GET", CALLS_PATH): lambda _: aws.counts.as_json(),
        ("PUT", CAPACITY_PATH): set_capacity,
        **batch_pages(aws.batch),
    }
    server = create_server(
        with_pages(aws, pages),
        host="127.0.0.1",
        port=0,
        threads=SERVER_THREADS,
        max_request_body_size=LONGEST_BODY_BYTES,
    )
    server.channel_class = _Channel
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


if __name__ == "__main__":
    main()
