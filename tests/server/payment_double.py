"""A payment service that keeps its charges and misbehaves on demand, behind a real port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

TOKEN = "payment-token-of-a-test"


@dataclass
class PaymentDouble:
    """`taken` counts the money that really moved, by reference. `mode` is how it behaves from now on."""

    mode: str = "sound"
    url: str = ""
    charges: dict[str, dict[str, str]] = field(default_factory=dict)
    taken: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, reference: str, body: dict[str, str]) -> dict[str, str]:
        """Charge once by reference."""
        if reference not in self.charges:
            state = "refused" if self.mode == "refuses" else "paid"
            told = {"receipt": f"R-{len(self.charges) + 1}"} if state == "paid" else {"reason": "no credit"}
            self.charges[reference] = {"reference": reference, "state": state, **body, **told}
            self.taken[reference] = self.taken.get(reference, 0) + (state == "paid")
        return self.charges[reference]

    def answer(self, method: str, reference: str, body: dict[str, str]) -> tuple[int, Any] | None:
        """Status and document; None: the connection breaks without an answer."""
        self.asked.append(f"{method} {reference}")
        if self.mode == "down":
            return 503, {}
        if method == "PUT":
            self.put(reference, body)
        known = self.charges.get(reference)
        if self.mode == "breaks":
            return None
        if known is None:
            return 404, {}
        wrong = {"garbage": [], "other": {**known, "yuan": "1.00"}, "pending": {**known, "state": "pending"}}
        return 200, wrong.get(self.mode, known)


@contextmanager
def payment_double() -> Iterator[PaymentDouble]:
    """The service as long as the context is open."""
    double = PaymentDouble()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_PUT(self) -> None:
            self._answer("PUT")

        def _answer(self, method: str) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            assert self.headers["Authorization"] == f"Bearer {TOKEN}"
            reference = unquote(self.path.removeprefix("/pay/charges/"))
            told = double.answer(method, reference, json.loads(content or b"{}"))
            if told is None:
                self.close_connection = True
                return
            body = json.dumps(told[1]).encode()
            self.send_response(told[0])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_port}/pay"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
