"""A name server on the loopback, over UDP and TCP on one port, as tests tell it."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

Zone = Mapping[str, Mapping[str, list[str]]]
"""Records by name and type: ``{"one.example": {"MX": ["10 mail.one.example."]}}``."""
Odd = Callable[[dns.message.Message], list[bytes]]
"""In place of an answer over UDP: the datagrams that are sent for a question."""


@dataclass
class NameServer:
    """``odd`` names behave as told, everything else is answered from ``zone``. ``asked`` has each
    question as (name, type, protocol), but for those about the root."""

    zone: dict[str, Mapping[str, list[str]]] = field(default_factory=dict)
    odd: dict[str, Odd] = field(default_factory=dict)
    silent: bool = False
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.port}"

    def respond(self, wire: bytes, protocol: str) -> list[bytes]:
        query = dns.message.from_wire(wire)
        [question] = query.question
        name = question.name.to_text().rstrip(".")
        if name:
            self.asked.append((name, dns.rdatatype.to_text(question.rdtype), protocol))
        if self.silent:
            return []
        if name in self.odd and protocol == "udp":
            return self.odd[name](query)
        return [self.answer(query).to_wire()]

    def answer(self, query: dns.message.Message) -> dns.message.Message:
        """What the zone says; the root and the servers of an unknown name are there, and empty."""
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        [question] = query.question
        name = question.name.to_text().rstrip(".")
        kind = dns.rdatatype.to_text(question.rdtype)
        if name and name not in self.zone:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif records := self.zone.get(name, {}).get(kind):
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, records))
        return response


def truncated(query: dns.message.Message) -> list[bytes]:
    """Too long for UDP: ask again over TCP."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return [response.to_wire()]


def servfail(query: dns.message.Message) -> list[bytes]:
    response = dns.message.make_response(query)
    response.set_rcode(dns.rcode.SERVFAIL)
    return [response.to_wire()]


def nothing(query: dns.message.Message) -> list[bytes]:
    return []


def garbage(query: dns.message.Message) -> list[bytes]:
    """Noise, the same behind a true header, and an answer to another question."""
    good = dns.message.make_response(query).to_wire()
    other = dns.message.make_response(dns.message.make_query("other.example", "MX")).to_wire()
    return [b"\xff" * 40, good[:12] + b"\xc0\x0c" * 9, b"", other]


@contextmanager
def name_server(zone: Zone | None = None) -> Iterator[NameServer]:
    """Answers until the block ends."""
    server = NameServer(dict(zone or {}))
    tcp, udp = _bound(server)
    threads = [threading.Thread(target=one.serve_forever, args=(0.05,)) for one in (tcp, udp)]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        for one in (tcp, udp):
            one.shutdown()
            one.server_close()
        for thread in threads:
            thread.join()


def _bound(
    server: NameServer,
) -> tuple[socketserver.ThreadingTCPServer, socketserver.ThreadingUDPServer]:
    """Both on one port: a free one of TCP may be taken in UDP."""
    while True:
        tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _tcp(server))
        tcp.daemon_threads = True
        server.port = tcp.server_address[1]
        try:
            udp = socketserver.ThreadingUDPServer(("127.0.0.1", server.port), _udp(server))
        except OSError:
            tcp.server_close()
            continue
        udp.daemon_threads = True
        return tcp, udp


def _udp(server: NameServer) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            wire, connection = self.request
            for datagram in server.respond(wire, "udp"):
                connection.sendto(datagram, self.client_address)

    return Handler


def _tcp(server: NameServer) -> type[socketserver.BaseRequestHandler]:
    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            [length] = struct.unpack("!H", _exactly(self.request, 2))
            for wire in server.respond(_exactly(self.request, length), "tcp"):
                self.request.sendall(struct.pack("!H", len(wire)) + wire)

    return Handler


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
