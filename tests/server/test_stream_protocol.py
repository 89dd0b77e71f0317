"""What the live stream weighs on a real wire."""

from __future__ import annotations

from typing import Any

import pytest
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.sync.client import connect

from tests.server.running_server import running_server

COUNT = 4


def test_a_message_much_like_the_one_before_is_a_tenth_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    came: list[int] = []
    decode = PerMessageDeflate.decode

    def weighed(self: PerMessageDeflate, frame: Frame, **named: Any) -> Frame:
        came.append(len(frame.data))
        return decode(self, frame, **named)

    monkeypatch.setattr(PerMessageDeflate, "decode", weighed)
    with running_server() as server:
        where = server.url.replace("http", "ws") + "/api/v1/live"
        with connect(where, additional_headers=server.log_in(), proxy=None) as wire:
            said = [len(wire.recv()) for _ in range(COUNT)]
    assert 10 * max(came[1:COUNT]) < min(said), f"{came} bytes came for {said}"
