"""CAN cards through python-can: its blocking calls live in two threads, the node stays in the event loop."""

from __future__ import annotations

import asyncio
from functools import partial

import can

from swapstation.model.device import LinkStatus
from swapstation.protocol.node import CanNode, Frame
from swapstation.protocol.slcan_ends import FrameTap
from swapstation.transport.bus_load import BusLoad
from swapstation.transport.can_threads import CanThreads
from swapstation.transport.link import BackOff
from swapstation.transport.rates import SlidingSecond
from swapstation.transport.timer import DeadlineTimer

_FRAMES_PER_TURN = 128


class HardwareCanLink:
    """One CAN node on one python-can interface, reopened for ever until `run` is cancelled."""

    def __init__(
        self, name: str, node: CanNode, interface: str, channel: str, bitrate: int, tap: FrameTap | None = None
    ) -> None:
        self._name = name
        self._node = node
        self._open_bus = partial(can.Bus, interface=interface, channel=channel, bitrate=bitrate)
        self._tap = tap
        self._bus_load = BusLoad(bitrate)
        self._malformed_rate = SlidingSecond()
        self._bus: CanThreads | None = None
        self._news: asyncio.Event | None = None
        self._opened = 0
        self._rx = self._tx = self._malformed = self._dropped = 0
        self._last_error: str | None = None

    async def run(self) -> None:
        """Keep the interface open until cancelled; an error of the node itself is raised."""
        back_off = BackOff()
        while True:
            try:
                bus = await asyncio.to_thread(self._open_bus)
            except (can.CanError, OSError, ValueError, ImportError) as error:
                self._last_error = str(error)
            else:
                back_off.reset()
                self._opened += 1
                await self._serve(bus)
            await back_off.wait()

    def wake(self) -> None:
        """Let what the node has new leave at once."""
        if self._news:
            self._news.set()

    @property
    def status(self) -> LinkStatus:
        return LinkStatus(
            name=self._name,
            connected=self._bus is not None,
            rx=self._rx,
            tx=self._tx,
            malformed=self._malformed,
            dropped=self._dropped + (self._bus.dropped if self._bus else 0),
            reconnects=max(0, self._opened - 1),
            last_error=self._last_error,
            malformed_per_s=self._malformed_rate.per_s(asyncio.get_running_loop().time()),
            bus_load_pct=self._bus_load.pct,
        )

    async def _serve(self, bus: can.BusABC) -> None:
        loop = asyncio.get_running_loop()
        news = self._news = asyncio.Event()
        self._bus = threads = CanThreads(bus, lambda: loop.call_soon_threadsafe(news.set))
        timer = DeadlineTimer(news.set)
        try:
            while threads.error is None:
                news.clear()
                now_s = loop.time()
                self._take_received(threads, now_s)
                for frame in self._node.due(now_s):
                    self._count(frame, sent=True)
                    threads.send(_message(frame))
                timer.set(self._node.next_deadline())
                if threads.received:
                    await asyncio.sleep(0)
                else:
                    await news.wait()
            self._last_error = threads.error
        finally:
            timer.cancel()
            self._dropped += threads.dropped
            self._bus = self._news = None
            await asyncio.shield(asyncio.to_thread(threads.close))

    def _take_received(self, threads: CanThreads, now_s: float) -> None:
        for _ in range(min(len(threads.received), _FRAMES_PER_TURN)):
            message = threads.received.popleft()
            if message.is_error_frame or message.is_fd:
                self._malformed += 1
                self._malformed_rate.add(1, now_s)
            elif not message.is_remote_frame:
                frame = Frame(message.arbitration_id, bytes(message.data), message.is_extended_id)
                self._count(frame, sent=False)
                self._node.receive(frame, now_s)

    def _count(self, frame: Frame, *, sent: bool) -> None:
        self._tx += sent
        self._rx += not sent
        self._bus_load(frame, sent)
        if self._tap:
            self._tap(frame, sent)


def _message(frame: Frame) -> can.Message:
    return can.Message(arbitration_id=frame.can_id, data=frame.data, is_extended_id=frame.extended)
