"""Exit codes of the `gems` command, and the errors that lead to them."""

from __future__ import annotations

from enum import IntEnum

from gems_core.errors import CloudRefused, CloudUnreachable, DeploymentFailed, GemsError, UsageProblem


class ExitCode(IntEnum):
    """What a script can learn from how `gems` ended."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    BAD_INPUT = 3
    UNREACHABLE = 4
    FAULT = 70
    INTERRUPTED = 130


EXIT_CODES_HELP = """\b
Exit codes:
  0    done; for a job: every sample was typed
  1    the job, or a sample of it, failed; the run's panel, library or controls are not in order;
       the deployment is not in order; two typings differ; the review's log has a fault;
       a sample is not approved yet, so it was not sent
  2    the command was used wrongly
  3    bad input: reads, library, panel or a request that the service refused
  4    the service, AWS or the local cloud could not be reached, or refused
  70   a fault of GeMS itself
  130  interrupted
"""


class JobFailed(GemsError):
    """The job ended, and not every sample was typed, or its calls are not to be taken as they stand."""


class ApiRefused(GemsError):
    """The API refused a request.

    Attributes:
        status: of HTTP.
        problems: what was wrong, one text each; may be empty.
        code: the API's word for it; '' where it says none.
    """

    def __init__(self, status: int, message: str, problems: tuple[str, ...] = (), code: str = "") -> None:
        self.status = status
        self.code = code
        self.problems = problems
        super().__init__("\n".join([message, *(f"  - {problem}" for problem in problems)]))


def sentence(said: object) -> str:
    """What somebody else said, with one full stop, for a repair to follow."""
    return f"{str(said).rstrip('.')}."


def exit_code_for(error: GemsError) -> ExitCode:
    """The exit code that an error leads to."""
    match error:
        case CloudUnreachable() | CloudRefused():
            return ExitCode.UNREACHABLE
        case JobFailed() | DeploymentFailed():
            return ExitCode.FAILED
        case UsageProblem():
            return ExitCode.USAGE
        case _:
            return ExitCode.BAD_INPUT
