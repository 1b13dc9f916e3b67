"""Certificates are checked against the name, while the connection goes to the checked address."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FETCH = """
import asyncio, pathlib, sys
from runs.engine.errors import FetchError
from runs.engine.fetch import Fetcher, FetchSettings
from runs.engine.politeness import Politeness
from squids.crawlers.interface import Request

async def home(host, port):
    return ["127.0.0.1"]

async def main(place, folder):
    settings = FetchSettings("a", allow_private=frozenset({place}), obey_robots=False)
    async with Fetcher(Politeness(pathlib.Path(folder)), resolve=home) as fetcher:
        try:
            print((await fetcher.fetch(Request(f"https://{place}/"), settings)).text)
        except FetchError as error:
            print(error.reason)

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate for ``name``, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path = folder / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(pem))
    return path


class _Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "14")
        self.end_headers()
        self.wfile.write(b"hello over TLS")

    def log_message(self, *args: object) -> None:
        """Nothing to say."""


class _Server(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that do not trust us hang up."""


@contextmanager
def tls_site(pem: Path) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = _Server(("127.0.0.1", 0), _Hello)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(
    ("host", "trusted", "said"),
    [
        ("shop.test", True, "hello over TLS"),
        ("other.test", True, "tls_failed"),
        ("shop.test", False, "tls_failed"),
    ],
)
def test_trust(tmp_path: Path, host: str, trusted: bool, said: str) -> None:
    """In a process of its own: which certificates to trust is read once, when it starts."""
    pem = certificate(tmp_path, "shop.test")
    environment = {**os.environ, **({"SSL_CERT_FILE": str(pem)} if trusted else {})}
    with tls_site(pem) as port:
        command = [sys.executable, "-c", FETCH, f"{host}:{port}", str(tmp_path / "hosts")]
        output = subprocess.check_output(command, env=environment, text=True, timeout=60)
    assert output.strip() == said
