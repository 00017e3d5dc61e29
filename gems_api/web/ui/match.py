"""The page that lays two people of a run beside each other: donor and recipient, parent and child."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue

from gems_api.services.shown.result_pages import run_typings
from gems_api.web.contexts import context
from gems_api.web.looks import noted
from gems_api.web.ui.frame import JOBS, for_users, shown
from gems_core.session_key import SessionKey
from gems_report.matching import Grade, Kinship, kinship, match_grades

_TONES = {
    Grade.MATCH: "good",
    Grade.POTENTIAL: "warn",
    Grade.MISMATCH: "bad",
    Grade.UNKNOWN: "quiet",
    Kinship.CONSISTENT: "good",
    Kinship.POSSIBLE: "warn",
    Kinship.INCONSISTENT: "bad",
}


@for_users
@noted("page of a match")
def match(session_key: str) -> ResponseReturnValue:
    """The page; with two samples in the address their match too."""
    typings = run_typings(context(), SessionKey.parse(session_key))
    donor, recipient = request.args.get("donor", ""), request.args.get("recipient", "")
    unknown = [name for name in (donor, recipient) if name and name not in typings]
    are_there = donor in typings and recipient in typings
    return shown(
        "ui/match.html",
        422 if unknown else 200,
        here=JOBS,
        session_key=session_key,
        samples=sorted(typings),
        donor=donor,
        recipient=recipient,
        complaint=f"This run has no typed sample {', '.join(name[:100] for name in unknown)}." if unknown else "",
        grades=match_grades(typings[donor], typings[recipient]) if are_there else [],
        kin=kinship(typings[donor], typings[recipient]) if are_there else {},
        tones=_TONES,
    )
