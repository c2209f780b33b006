"""A webhook receiver on a real socket that can misbehave; keeps one article per webhook-id, as the standard asks of receivers."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Receiver:
    """Articles by id, and what was asked."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[str] = []  # taken one by one; then "ok"
        self.url = ""
        self.lock = threading.Lock()

    def take(self, headers: dict[str, str], body: bytes) -> str:
        with self.lock:
            self.requests.append((headers, body))
            how = self.answers.pop(0) if self.answers else "ok"
            if how in ("ok", "store_then_cut", "store_then_hang", "store_then_500"):
                self.kept.setdefault(headers["webhook-id"], json.loads(body))
            return how


def _handler(receiver: Receiver) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            how = receiver.take({k.lower(): v for k, v in self.headers.items()}, body)
            if how in ("cut", "store_then_cut"):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf")
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            if how in ("hang", "store_then_hang"):
                time.sleep(1.2)
                return
            if how.startswith("slow "):
                time.sleep(0.2)
            status, _, rest = how.removeprefix("slow ").partition(" ")
            code = {"ok": 204, "store_then_500": 500}.get(how) or int(status)
            self.send_response(code)
            name, _, value = rest.partition("=")
            if name:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02), daemon=True)  # else its end takes half a second
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
