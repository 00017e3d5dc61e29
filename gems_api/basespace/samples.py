"""Where the chosen samples' read files are listed: API v1pre3 knows samples, v2 biosamples and their datasets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from requests.auth import AuthBase

from gems_api.basespace.answers import Node
from gems_api.basespace.http import V2_PAGES, Http
from gems_api.services.remote_ports import RemoteChanged, RemoteFile

READS = ".fastq.gz"
V1, V2 = "v1pre3", "v2"
_MOST_DATASETS = 10_000
_FASTQ_TYPES = "illumina.fastq.v1.8"


class Listing(Protocol):
    """One generation of the API, as far as reads are concerned."""

    @property
    def choice(self) -> str:
        """The form's field that names the samples."""
        ...

    def files(self, sample_id: str, auth: AuthBase, most: int) -> Iterator[RemoteFile]:
        """The FASTQ files of one sample; more than ``most`` files of any kind are refused."""
        ...

    def content(self, file_id: str) -> str:
        """The path of a file's content."""
        ...


@dataclass(frozen=True)
class SamplesV1:
    """``/v1pre3/samples/<id>/files``."""

    http: Http
    choice: str = "Input.sample-id"

    def files(self, sample_id: str, auth: AuthBase, most: int) -> Iterator[RemoteFile]:
        """See Listing."""
        for item in self.http.pages(f"/{V1}/samples/{sample_id}/files", auth, most):
            yield from _reads(item, sample_id)

    def content(self, file_id: str) -> str:
        """See Listing."""
        return f"/{V1}/files/{file_id}/content"


@dataclass(frozen=True)
class BiosamplesV2:
    """``/v2/datasets?inputbiosamples=<id>``, and each dataset's files: a run that was topped up has several."""

    http: Http
    choice: str = "Input.biosample-id"

    def files(self, sample_id: str, auth: AuthBase, most: int) -> Iterator[RemoteFile]:
        """See Listing."""
        for dataset in self._datasets(sample_id, auth):
            for item in self.http.pages(f"/{V2}/datasets/{dataset}/files", auth, most, V2_PAGES):
                yield from _reads(item, sample_id)

    def content(self, file_id: str) -> str:
        """See Listing."""
        return f"/{V2}/files/{file_id}/content"

    def _datasets(self, sample_id: str, auth: AuthBase) -> list[str]:
        found = self.http.pages(
            f"/{V2}/datasets", auth, _MOST_DATASETS, V2_PAGES, inputbiosamples=sample_id, datasettypes=_FASTQ_TYPES
        )
        return [item.at("Id").identifier() for item in found]


def listing_of(http: Http, generation: str) -> Listing:
    """The listing of a generation of the API, which a setting names."""
    return BiosamplesV2(http) if generation == V2 else SamplesV1(http)


def _reads(item: Node, sample_id: str) -> Iterator[RemoteFile]:
    name = item.at("Name").text()
    if not name.endswith(READS):
        return
    if "/" in name or "\\" in name or name.startswith("."):
        raise RemoteChanged(f"BaseSpace {item.where}: expected a file's name without folders, found {name[:80]!r}.")
    yield RemoteFile(item.at("Id").identifier(), sample_id, name, item.at("Size").whole())
