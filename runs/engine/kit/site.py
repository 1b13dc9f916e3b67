"""A local site: pages by their path, or a folder of saved ones."""

from __future__ import annotations

import mimetypes
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Answer:
    """What the site says at a path. A redirect is a status and a ``Location``."""

    body: str | bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


Pages = Mapping[str, str | bytes | Answer] | Path


@dataclass
class Site:
    """A site that runs; ``asked`` are the paths, with their queries, in the order they were."""

    url: str
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")


@contextmanager
def serve(pages: Pages) -> Iterator[Site]:
    """Serve on a free port of this machine until the block ends. A path with its query is looked
    for first, then the path alone; what is not there is a 404."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            self._send(_found(pages, self.path))

        do_HEAD = do_POST = do_GET  # noqa: N815

        def _send(self, answer: Answer) -> None:
            body = answer.body.encode() if isinstance(answer.body, str) else answer.body
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *given: object) -> None:
            """The tests' output is theirs."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Site(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def _found(pages: Pages, path: str) -> Answer:
    if isinstance(pages, Path):
        return _from_folder(pages, path)
    found = pages.get(path, pages.get(urlsplit(path).path))
    if found is None:
        return Answer("Not found", NOT_FOUND)
    return found if isinstance(found, Answer) else Answer(found)


def _from_folder(folder: Path, path: str) -> Answer:
    file = (folder / unquote(urlsplit(path).path).lstrip("/")).resolve()
    if file.is_dir():
        file /= "index.html"
    if folder.resolve() not in file.parents or not file.is_file():
        return Answer("Not found", NOT_FOUND)
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Answer(file.read_bytes(), headers={"Content-Type": kind})
