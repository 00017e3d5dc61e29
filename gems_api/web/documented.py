"""What the descriptions of several routes share: how errors are told, and who may ask."""

from __future__ import annotations

from gems_api.web.description import Responses
from gems_api.web.problems import PROBLEM_DOCUMENT

USER_SECURITY = ("user_bearer", "user_basic")


def documented_problems(**descriptions: str) -> Responses:
    """Documented errors, given as ``_404="..."``."""
    return {
        int(status.removeprefix("_")): {
            "description": description,
            "content": {"application/problem+json": {"schema": PROBLEM_DOCUMENT}},
        }
        for status, description in descriptions.items()
    }


BODY_PROBLEMS = documented_problems(
    _400="The body is not JSON", _413="The body is too large", _415="The body is of another type"
)
UNREADABLE = documented_problems(_500="The job's records cannot be read, or GeMS has failed; its log says more")
CLOUD_REFUSED = documented_problems(_503="The cloud refused, or cannot be asked now: send it again")
