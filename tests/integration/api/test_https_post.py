"""Webhooks over real TLS: public addresses alone, the name's own certificate, no redirect, no second look at the name."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gems_api.https_post import HttpsPoster, is_public
from gems_core.errors import CloudRefused

HOST = "lis.example.org"


class Receiver(HTTPServer):
    """Answers with a status, and keeps what came."""

    status = 204
    location = ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.came: list[tuple[str, str, bytes]] = []


class Handler(BaseHTTPRequestHandler):
    """Takes a POST."""

    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.came.append((self.path, self.headers["Host"], body))
        self.send_response(self.server.status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the name, by itself; the key is in the same file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(pem))
    return path


@pytest.fixture
def receiver(certificate: Path) -> Iterator[Receiver]:
    server = Receiver()
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(certificate)
    server.socket = own.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def poster(certificate: Path, **more: object) -> HttpsPoster:
    trust = ssl.create_default_context(cafile=str(certificate))
    given = {"resolve": lambda *_: ["127.0.0.1"], "allowed": lambda _: True, "trust": trust, **more}
    return HttpsPoster(**given)  # type: ignore[arg-type]


def test_a_body_arrives_under_the_name(receiver: Receiver, certificate: Path) -> None:
    port = receiver.server_port
    poster(certificate).post(f"https://{HOST}:{port}/gems?x=1", {"Content-Type": "application/json"}, b"{}")
    assert receiver.came == [("/gems?x=1", f"{HOST}:{port}", b"{}")]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 500])
def test_no_success_and_no_redirect_is_taken(receiver: Receiver, certificate: Path, status: int) -> None:
    receiver.status, receiver.location = status, f"https://{HOST}:{receiver.server_port}/other"
    with pytest.raises(CloudRefused, match=f"answered {status}"):
        poster(certificate).post(f"https://{HOST}:{receiver.server_port}/", {}, b"{}")
    assert len(receiver.came) == 1


def test_another_names_certificate_is_refused(receiver: Receiver, certificate: Path) -> None:
    with pytest.raises(CloudRefused, match="does not answer"):
        poster(certificate).post(f"https://other.example.org:{receiver.server_port}/", {}, b"{}")
    assert receiver.came == []


def test_nobody_there_is_told(certificate: Path) -> None:
    with pytest.raises(CloudRefused, match="does not answer"):
        poster(certificate).post(f"https://{HOST}:1/", {}, b"{}")


def test_the_name_is_resolved_once_and_the_judged_address_is_gone_to(receiver: Receiver, certificate: Path) -> None:
    asked = []

    def resolve(*_: object) -> list[str]:
        asked.append(1)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    poster(certificate, resolve=resolve).post(f"https://{HOST}:{receiver.server_port}/", {}, b"{}")
    assert len(asked) == 1


INSIDE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "2002:a00:1::1", "ff02::1", "fd00:ec2::254",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111"])
def test_an_address_outside_is(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("found", [["10.0.0.1"], ["93.184.215.14", "10.0.0.1"], []])
def test_a_name_that_leads_inside_is_not_gone_to(certificate: Path, found: list[str]) -> None:
    with pytest.raises(CloudRefused, match="not public"):
        poster(certificate, resolve=lambda *_: found, allowed=is_public).post(f"https://{HOST}/", {}, b"{}")


@pytest.mark.parametrize("url", ["http://lis.example.org/", "https:///x", "ftp://lis.example.org/"])
def test_anything_but_https_is_refused(certificate: Path, url: str) -> None:
    with pytest.raises(CloudRefused, match="https"):
        poster(certificate).post(url, {}, b"{}")
