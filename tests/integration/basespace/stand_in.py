"""A stand-in for BaseSpace in this process, over real HTTP."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from werkzeug.serving import make_server

from gems_api.basespace.client import BaseSpace
from gems_api.basespace.http import Http
from gems_local.basespace.account import OWNER, Account, Session
from gems_local.basespace.faults import Faults
from gems_local.basespace.site import make_site

CLIENT = "app-key:app-secret"
REDIRECT = "https://api.example.org/v1/basespace/oauth"
READS = b"@M:1 1:N:0:1\nACGT\n+\nIIII\n"


@dataclass
class StandIn:
    account: Account
    faults: Faults
    url: str

    def client(self, generation: str = "v1pre3", *secrets: str, patience_seconds: float = 5) -> BaseSpace:
        known = secrets or (CLIENT,)
        return BaseSpace(Http(self.url, patience_seconds), self.url, generation, lambda: known)

    def token(self, user: str = OWNER) -> str:
        token = self.account.exchange(self.account.new_code(user, REDIRECT), REDIRECT)
        assert token is not None
        return token

    def sample(self, name: str, lanes: int = 1) -> str:
        content = gzip.compress(READS * 50, mtime=0)
        names = [f"{name}_S1_L00{lane}_R{read}_001.fastq.gz" for lane in range(1, lanes + 1) for read in (1, 2)]
        return self.account.add_sample(name, dict.fromkeys(names, content))

    def launch(self, *names: str, hla_class: str = "2", email: str = "") -> Session:
        return self.account.launch([self.sample(name) for name in names], hla_class, email)


@contextmanager
def serving() -> Iterator[StandIn]:
    account, faults = Account(CLIENT), Faults()
    server = make_server("127.0.0.1", 0, make_site(account, faults), threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield StandIn(account, faults, f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
