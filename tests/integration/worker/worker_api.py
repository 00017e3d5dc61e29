"""A small API that follows the workers' protocol: claims, done-markers in S3, one merge lease."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

from worker_cloud import LocalAws, QuietHandler
from worker_fakes import CONTROL, NOW, SESSION_KEY

from gems_core.job_credentials import JobCredentials
from gems_core.layout import done_key
from gems_core.manifest import Manifest
from gems_core.protocol.answer import Answer, GrantedShare, Instruction, MailOutcome, MailState, MergeLease
from gems_core.protocol.status_report import Kind, StatusReport
from gems_core.statuses import JobStatus, WorkerStatus


class ProtocolApi:
    """Answers as docs/contracts.md, section 4, has it.

    Attributes:
        reports: every message, in order.
        stopped_by: the instances that asked for the end of the job.
        troubles: status codes to answer the next requests with instead, each with a Retry-After.
        instead: gives another instruction than the protocol's, or None.
        refused: credentials other than the right one that were sent.
        job_role: credentials for the job, as AWS gave them; they live for ``life``.
        asked: who asked for them.
    """

    life = timedelta(hours=1)

    def __init__(self, aws: LocalAws, manifest: Manifest, token: str) -> None:
        self._aws = aws
        self._manifest = manifest
        self._token = token
        self._lock = threading.Lock()
        self._attempts = {share.index: 0 for share in manifest.shares}
        self._held: set[int] = set()
        self.reports: list[StatusReport] = []
        self.stopped_by: list[str] = []
        self.troubles: list[int] = []
        self.refused: list[str] = []
        self.job_role = aws.role_credentials("gems-job")
        self.asked: list[str] = []
        self.instead: Callable[[StatusReport], Instruction | None] = lambda report: None

    def said(self, kind: Kind) -> list[str]:
        """The statuses of all messages of a kind, without repetition in a row."""
        return [report.status.value for report in self.reports if report.kind is kind]

    def handler(self) -> type[BaseHTTPRequestHandler]:
        api = self

        class Handler(QuietHandler):
            def do_POST(self) -> None:  # noqa: N802 - http.server calls it so
                body = self.body()
                with api._lock:
                    if api.troubles:
                        self.answer(api.troubles.pop(0), b"{}", Retry_After="0")
                    elif self.headers.get("Authorization") != f"Bearer {api._token}":
                        api.refused.append(self.headers.get("Authorization", ""))
                        self.answer(401, b'{"detail": "who are you?"}')
                    else:
                        self.answer(200, json.dumps(api.act(self.path, json.loads(body))).encode())

        return Handler

    def act(self, path: str, body: dict[str, object]) -> dict[str, object]:
        if path == "/stop_instances":
            assert body["session_key"] == str(SESSION_KEY), body
            self.stopped_by.append(str(body["instance_id"]))
            return {}
        assert path.startswith("/job/"), path
        if path.endswith("/credentials"):
            self.asked.append(str(body["instance_id"]))
            given = (self.job_role[name] for name in ("AccessKeyId", "SecretAccessKey", "Token"))
            return dict(JobCredentials(*given, expires_at=datetime.now(UTC) + self.life).as_json())
        report = StatusReport.from_json(body)
        self.reports.append(report)
        return self._answer(report).as_json()

    def _answer(self, report: StatusReport) -> Answer:
        other = self.instead(report)
        if other is not None:
            return self._plain(other)
        if report.kind in (Kind.STATUS, Kind.HEARTBEAT):
            sent = report.kind is Kind.STATUS and report.status is WorkerStatus.REPORT_WRITTEN
            return self._plain(Instruction.CONTINUE, mail=MailOutcome(MailState.SENT) if sent else None)
        if report.kind is Kind.FAILED:
            if report.share is None:
                return self._plain(Instruction.LEAVE)
            self._held.discard(report.share)
        return self._next(report.instance_id)

    def _next(self, instance_id: str) -> Answer:
        done = set(self._aws.keys(CONTROL))
        for share in self._manifest.shares:
            finished = all(done_key(SESSION_KEY, sample.name) in done for sample in share.samples)
            if not finished and share.index not in self._held and self._attempts[share.index] < 3:
                self._held.add(share.index)
                self._attempts[share.index] += 1
                return self._plain(Instruction.WORK, share=GrantedShare(share, self._attempts[share.index]))
        if all(done_key(SESSION_KEY, sample.name) in done for sample in self._manifest.samples):
            return self._plain(Instruction.MERGE, merge_lease=MergeLease(instance_id, NOW))
        return self._plain(Instruction.LEAVE)

    def _plain(
        self,
        instruction: Instruction,
        share: GrantedShare | None = None,
        merge_lease: MergeLease | None = None,
        mail: MailOutcome | None = None,
    ) -> Answer:
        return Answer(instruction, JobStatus.RUNNING, 0, share, merge_lease, mail)
