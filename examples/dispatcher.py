"""A mine's dispatcher in small: books a battery for each truck, tells when they come, follows what becomes of them.

Against the demo, whose fleet owns all its trucks, in a second terminal:

    swapstation demo                      # prints the page's address and the fleet's key
    python examples/dispatcher.py --url http://127.0.0.1:PORT --key swk_...

调度示例: 为每辆车预约电池, 报告到站时间, 跟踪预约状态. 车队密钥由 `swapstation demo` 打印.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from swapstation.client import FleetClient, Refused, Unreachable
from swapstation.model.booking import Booking, BookingState
from swapstation.model.fleet_view import FleetTruckState


def main() -> int:
    """Exit 0: every booking was fulfilled."""
    asked = argparse.ArgumentParser(description="A mine's dispatcher in small. 矿区调度示例.")
    asked.add_argument("--url", required=True, help="the station's address 站址")
    asked.add_argument("--key", required=True, help="the fleet's key 车队密钥")
    asked.add_argument("--first-minutes", type=float, default=1.0, help="when the first truck comes 首车到达, min")
    asked.add_argument("--every-minutes", type=float, default=1.5, help="time between trucks 车辆间隔, min")
    asked.add_argument("--late-minutes", type=float, default=1.5, help="the last truck's delay 末车晚点, min")
    asked.add_argument("--trucks", type=int, default=100, help="book for so many at most 最多车辆数")
    asked.add_argument("--patience-minutes", type=float, default=30.0, help="wait so long at most 最长等待, min")
    given = asked.parse_args()
    with FleetClient(given.url, given.key) as station:
        try:
            cursor = max((event.number for event in station.events()), default=0)
            first_at = datetime.now(UTC) + timedelta(minutes=given.first_minutes)
            trucks = [truck for truck in station.trucks() if not truck.booking][: given.trucks]
            booked = list(book_all(station, trucks, first_at, timedelta(minutes=given.every_minutes)))
            if booked and given.late_minutes:
                meets_traffic(station, booked[-1], timedelta(minutes=given.late_minutes))
            ends_at = datetime.now(UTC) + timedelta(minutes=given.patience_minutes)
            ended = follow(station, booked, cursor, ends_at)
        except (Refused, Unreachable) as error:
            print(error, file=sys.stderr)
            return 1
    fulfilled = [each for each in ended if each.reservation_status is BookingState.FULFILLED]
    kept = sum(each.kept is True for each in ended)
    print(json.dumps({"booked": len(booked), "fulfilled": len(fulfilled), "promises_kept": kept}))
    return 0 if booked and len(fulfilled) == len(booked) else 1


def book_all(
    station: FleetClient, trucks: list[FleetTruckState], first_at: datetime, apart: timedelta
) -> Iterator[Booking]:
    """Book a battery for each truck, one after the other; where none can be promised, for when one can."""
    now = station.station()
    print(f"{now.location_id}: {'open' if now.open else now.state}, {now.models[0].ready} ready")
    at = first_at
    for truck in trucks:
        model = next(each.model for each in now.models if truck.truck_model in each.truck_models)
        for _ in range(5):
            try:
                booking = station.book(f"demo-{uuid4().hex[:12]}", truck.vin, model, at)
            except Refused as refused:
                print(f"{truck.vin}: {refused}")
                if refused.earliest_at is None:
                    break
                at = refused.earliest_at + timedelta(seconds=1)
                continue
            say(booking)
            at = booking.swap.eta + apart
            yield booking
            break


def meets_traffic(station: FleetClient, booking: Booking, delay: timedelta) -> None:
    """A truck will be late, and says so: the promise moves where it can, and with it the charging plan."""
    say(station.tell_eta(booking.id, booking.swap.eta + delay))


def follow(station: FleetClient, booked: list[Booking], cursor: int, ends_at: datetime) -> list[Booking]:
    """Follow the bookings to their ends, at most until `ends_at`."""
    waiting, ended = {each.id for each in booked}, []
    for message in station.feed(cursor):
        for event in message.events:
            print(f"{event.at:%H:%M:%S} {event.number} {event.kind} {event.subject}", flush=True)
        for booking in [station.booking(each) for each in waiting] if message.events else []:
            if not booking.stands:
                waiting.discard(booking.id)
                ended.append(booking)
        if not waiting or datetime.now(UTC) > ends_at:
            return ended
    return ended


def say(booking: Booking) -> None:
    """One line about a booking."""
    promise = booking.promise
    told = "" if promise is None else f" ready {promise.ready_at:%H:%M:%S}, confidence {promise.confidence:.2f}"
    print(f"{booking.swap.vin}: {booking.reservation_status}{told}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
