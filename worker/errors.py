"""What can go wrong in a worker, by how far the harm reaches."""

from __future__ import annotations

import errno

from gems_core.endings import Cause, Ending
from gems_core.errors import GemsError


class SampleFailed(GemsError):
    """One sample cannot be typed; the others of its share go on."""


class ShareFailed(GemsError):
    """The share cannot be finished on this machine now; its claim is given back.

    Attributes:
        ending: of the program that ended badly; None where none has.
    """

    def __init__(self, message: str, ending: Ending | None = None) -> None:
        self.ending = ending
        super().__init__(message)


def cause_of(error: BaseException) -> tuple[Cause | None, int | None]:
    """Why something failed in one word, and the exit code of the program that ended badly; None where there is none."""
    if isinstance(error, ShareFailed) and error.ending is not None:
        return error.ending.cause, error.ending.exit_code
    if isinstance(error, MemoryError):
        return Cause.OUT_OF_MEMORY, None
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Cause.DISK_FULL, None
    return None, None


class ObjectMissing(GemsError):
    """S3 has no such object."""

    def __init__(self, bucket: str, key: str) -> None:
        super().__init__(f"s3://{bucket}/{key}: expected an object, found none. Upload it, or start a new job.")


class ObjectChanged(GemsError):
    """S3 holds other content under a key than was asked for."""

    def __init__(self, bucket: str, key: str, *, expected: str, found: str) -> None:
        super().__init__(
            f"s3://{bucket}/{key}: expected the content that it had when the job was made (ETag {expected}), found other "
            f"content ({found}). It was not typed, because it may be another person's. Put the first file back and retry the "
            "job, or start a new job over the files as they are now."
        )


class ObjectTooLarge(GemsError):
    """An object in S3 is larger than anything that GeMS writes there, and was not read."""

    def __init__(self, bucket: str, key: str, *, most_bytes: int, found_bytes: int) -> None:
        super().__init__(
            f"s3://{bucket}/{key}: expected at most {most_bytes} bytes, found {found_bytes}. Something else was put there."
        )


class TransferBroken(GemsError):
    """A download ended early or arrived damaged; trying again may help."""


class ApiUnavailable(GemsError):
    """The API could not be reached, or asked to be tried again later.

    Attributes:
        retry_after_seconds: what it advised, or None.
    """

    def __init__(self, message: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(message)


class ApiRefused(GemsError):
    """The API understood the request and refused it; the same request will be refused again."""
