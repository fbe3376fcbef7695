"""A model hub on the loopback, of the few endpoints that fetching a checkpoint needs."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

Files = dict[str, bytes]


@dataclass
class Hub:
    """What it holds, and what it was asked for."""

    commits: dict[str, Files] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""
    is_down: bool = False

    def clear(self) -> None:
        """Forget everything."""
        self.commits.clear()
        self.names.clear()
        self.asked.clear()
        self.is_down = False

    def commit(self, files: Files, *names: str) -> str:
        """Add files; the names (branches, tags) lead to them from now on."""
        commit = hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()  # noqa: S324 as git
        self.commits[commit] = files
        self.names |= dict.fromkeys((commit, *names), commit)
        return commit

    def fetched(self) -> set[str]:
        """The files that were downloaded."""
        gets = [path for path in self.asked if path.startswith("GET") and "/resolve/" in path]
        return {path.partition("/resolve/")[2] for path in gets}


REPOSITORY = "owner/name"

NOT_FOUND = 404
"""What it answers of other repositories; hubs say 401 or 403 where they hide one."""


@contextmanager
def running() -> Iterator[Hub]:
    """A hub that answers while inside."""
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer(self, hub)

        def do_HEAD(self) -> None:
            answer(self, hub)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(request: BaseHTTPRequestHandler, hub: Hub) -> None:
    path = unquote(request.path.partition("?")[0].strip("/"))
    hub.asked.append(f"{request.command} {path}")
    if hub.is_down:
        send(request, 503, {}, b"")
        return
    api, files = f"api/models/{REPOSITORY}/", f"{REPOSITORY}/resolve/"
    if path.startswith(api):
        kind, _, revision = path.removeprefix(api).partition("/")
        send_json(request, listing(hub, kind, revision))
    elif path.startswith(files):
        revision, _, name = path.removeprefix(files).partition("/")
        send_file(request, revision, hub.commits.get(revision, {}).get(name))
    else:
        code = {403: "GatedRepo"}.get(NOT_FOUND, "RepoNotFound")
        send(request, NOT_FOUND, {"X-Error-Code": code}, b"")


def listing(hub: Hub, kind: str, revision: str) -> Any:  # noqa: ANN401 - JSON
    """What the hub says of a revision; None where it has no such."""
    commit = hub.names.get(revision)
    if commit is None:
        return None
    files = hub.commits[commit]
    if kind == "revision":
        siblings = [{"rfilename": name} for name in files]
        return {"id": REPOSITORY, "sha": commit, "siblings": siblings, "tags": [], "private": False}
    return [
        {"type": "file", "path": name, "size": len(content), "oid": etag(content)}
        for name, content in files.items()
    ]


def send_json(request: BaseHTTPRequestHandler, content: Any) -> None:  # noqa: ANN401 - JSON
    if content is None:
        send(request, 404, {"X-Error-Code": "RevisionNotFound"}, b"")
    else:
        send(request, 200, {"Content-Type": "application/json"}, json.dumps(content).encode())


def send_file(request: BaseHTTPRequestHandler, commit: str, content: bytes | None) -> None:
    if content is None:
        send(request, 404, {"X-Error-Code": "EntryNotFound"}, b"")
        return
    headers = {"X-Repo-Commit": commit, "ETag": f'"{etag(content)}"'}
    send(request, 200, headers, content)


def etag(content: bytes) -> str:
    return hashlib.sha1(content).hexdigest()  # noqa: S324 as git


def send(
    request: BaseHTTPRequestHandler, status: int, headers: dict[str, str], content: bytes
) -> None:
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name, value)
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    if request.command == "GET":
        request.wfile.write(content)
