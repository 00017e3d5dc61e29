"""An error as a person reads it: what happened, what to do, and the details for whoever helps."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response

from gems_api.web.ui.frame import shown

# By the problem's code; by the hundred of its status where nothing is said of the code.
_ADVICE = {
    "no_such_page": "There is no page at this address. It may have been mistyped, or cut when it was copied.",
    "job_not_found": "GeMS has no job of this name. Records of old jobs are removed after some time; their results stay in S3.",
    "report_not_written": "This is not there. Results are written when all samples are done; the details below say what this job has.",
    "form_refused": "The page that this form stood in belongs to another session. Go back, load the page again, and send it again.",
    "conflict": "The job has moved on meanwhile. Look at it again.",
    "not_yet": "This is not ready yet. Wait some seconds, then try again.",
    "cloud_refused": "AWS did not do what GeMS asked of it. It often passes: wait a minute, then try again.",
    "artefacts_missing": "This installation of GeMS is not complete. Whoever looks after it must publish the typer and its library.",
    "results_unreadable": "The results for this page are damaged, or of another release of GeMS. The job's reports may still be read.",
    "job_unreadable": "The job's records are damaged. Tell whoever looks after this installation.",
    "basespace_refused": "GeMS could not go on with this launch. Go back to BaseSpace and launch the app again.",
    "basespace_unavailable": "BaseSpace does not answer. Wait some minutes, then launch the app again there. Jobs that run are not touched.",
    "invalid_input": "Something in the address or the form is wrong.",
}
_ADVICE_OF_HUNDRED = {
    4: "GeMS cannot do this as it was asked.",
    5: "GeMS has met an error. Try again in a minute; if it persists, tell whoever looks after this installation.",
}


def error_page(document: Mapping[str, object], status: int, headers: Mapping[str, str]) -> Response:
    """The page of a problem document.

    Args:
        document: the problem.
        status: of the answer.
        headers: more headers.
    """
    code = str(document["code"])
    advice = _ADVICE.get(code, _ADVICE_OF_HUNDRED.get(status // 100, ""))
    page = shown("ui/error.html", status, problem=document, advice=advice)
    page.headers.update(headers)
    return page
