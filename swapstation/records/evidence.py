"""The case file of a safety event: everything about it as plain files, signed, to be read and verified without us.

A tar.gz of JSON lines and CSV, with `SHA256SUMS`, its Ed25519 signature and the public key; `README.txt` says how to
verify it with openssl alone (docs/records.md).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from swapstation.errors import SwapstationError
from swapstation.records.event_folders import MANIFEST, Manifest, damage, read_manifest
from swapstation.records.segments import lines_of
from swapstation.records.signing import fingerprint, public_pem, signing_key
from swapstation.records.telemetry.export import MOST_DAYS, Export, schema, write_rows
from swapstation.records.telemetry.kinds import KINDS

SUMS, SIGNATURE, PUBLIC_KEY = "SHA256SUMS", "SHA256SUMS.sig", "public_key.pem"
Line = Mapping[str, Any]


class EvidenceError(SwapstationError):
    """An event cannot be made into a case file: it holds nothing yet, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a case file is made of: an event's folder, the station's data folder, and further files by their names."""

    event: Path
    data: Path
    station: str
    version: str
    further: Mapping[str, bytes] = field(default_factory=dict)


def span_of_event(manifest: Manifest) -> tuple[datetime, datetime]:
    """From the first to the last instant that an event's trace has. Raises EvidenceError."""
    if not manifest.segments:
        raise EvidenceError(f"{manifest.event}: 尚无记录段 | it has no segment yet")
    first = min(segment.first_at for segment in manifest.segments)
    last = max(segment.last_at for segment in manifest.segments)
    return first, min(last + timedelta(seconds=1), first + timedelta(days=MOST_DAYS))


def event_manifest(folder: Path) -> Manifest:
    """What an event's folder holds. Raises EvidenceError."""
    try:
        return read_manifest(folder)
    except (OSError, ValueError) as error:
        raise EvidenceError(f"{folder.name}: {error}") from error


def build(case: Case, target: Path) -> str:
    """Write the case file to `target`; the fingerprint of the key that signed it. Raises EvidenceError, SigningError.

    A trace that is damaged goes in as it is, and `damage.txt` says what is wrong.
    """
    manifest, key = event_manifest(case.event), signing_key(case.data)
    contents = dict(_trace_files(case.event, manifest))
    contents |= _telemetry(case.data / "telemetry", *span_of_event(manifest), target.parent)
    contents |= {f"records/{name}": content for name, content in case.further.items()}
    contents["software.json"] = _json({"station": case.station, "packed_by_version": case.version, "boots": [
        {"boot": each.boot, "version": each.version, "configuration_sha256": each.configuration_hash}
        for each in manifest.boots
    ]})  # fmt: skip
    contents["README.txt"] = files("swapstation.records").joinpath("evidence_readme.txt").read_bytes()
    contents[PUBLIC_KEY] = public_pem(key)
    sums = "".join(f"{hashlib.sha256(contents[name]).hexdigest()} *{name}\n" for name in sorted(contents)).encode()
    contents[SUMS], contents[SIGNATURE] = sums, key.sign(sums)
    _pack(target, manifest.event, contents)
    return fingerprint(key)


def _pack(target: Path, folder: str, contents: Mapping[str, bytes]) -> None:
    with tarfile.open(target, "w:gz") as archive:
        for name in sorted(contents):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.size = len(contents[name])
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(contents[name]))


def _trace_files(folder: Path, manifest: Manifest) -> Iterator[tuple[str, bytes]]:
    """The trace whole and in tables, the manifest, and what is wrong with them."""
    yield "event.json", (folder / MANIFEST).read_bytes()
    lines: list[Line] = []
    wrongs = damage(folder)
    for segment in manifest.segments:
        try:
            packed = (folder / segment.file).read_bytes()
        except OSError:
            continue
        yield f"trace/{segment.file}", packed
        try:
            lines += lines_of(packed)
        except ValueError:
            continue
    yield "trace.jsonl", "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    for name, (header, rows) in TABLES.items():
        yield f"{name}.csv", _csv(("at", "t", *header), _rows(lines, rows))
    if wrongs:
        yield "damage.txt", "\n".join(wrongs).encode() + b"\n"


def _rows(lines: Iterable[Line], of: Callable[[Line], Sequence[object] | None]) -> Iterator[Sequence[object]]:
    for line in lines:
        row = of(line)
        if row is not None:
            yield (line["at"], line["t"], *row)


def _state(line: Line) -> Sequence[object] | None:
    if line["kind"] != "signal" or line["name"] != "station":
        return None
    return [line["value"][each] for each in ("state", "mode", "swap", "swap_step", "job", "job_step")]


def _signal(line: Line) -> Sequence[object] | None:
    if line["kind"] != "signal":
        return None
    return line["name"], line["quality"], json.dumps(line["value"], ensure_ascii=False)


def _command(line: Line) -> Sequence[object] | None:
    if line["kind"] != "command":
        return None
    return line["command"], line["command_id"], json.dumps(line["parameters"], ensure_ascii=False)


def _alarm(line: Line) -> Sequence[object] | None:
    if line["kind"] != "record" or line["record"] != "AlarmChanged":
        return None
    alarm = line["body"]["alarm"]
    told = [alarm[each] for each in ("alarm", "priority", "state", "detail", "acknowledged_by")]
    return [*told, line["body"].get("gone", False)]


def _person(line: Line) -> Sequence[object] | None:
    """Whoever a record names, and what for."""
    if line["kind"] != "record":
        return None
    body = line["body"]
    found = body.get("request", body)
    person = found.get("person") or body.get("person")
    if not person:
        return None
    payload = found.get("payload", body)
    return person, line["record"], json.dumps(payload, ensure_ascii=False)


TABLES: Mapping[str, tuple[Sequence[str], Callable[[Line], Sequence[object] | None]]] = {
    "states": (("state", "mode", "swap", "swap_step", "job", "job_step"), _state),
    "signals": (("name", "quality", "value"), _signal),
    "commands": (("command", "command_id", "parameters"), _command),
    "alarms": (("alarm", "priority", "state", "detail", "acknowledged_by", "gone"), _alarm),
    "people": (("person", "record", "content"), _person),
}
"""File -> its columns after instant and second, and what of a line goes into it."""


def _telemetry(folder: Path, first: datetime, last: datetime, work: Path) -> Mapping[str, bytes]:
    """The telemetry of the event's time, as CSV with its schema."""
    contents: dict[str, bytes] = {}
    with TemporaryDirectory(dir=work) as place:
        for name, kind in KINDS.items():
            path = Path(place) / f"{name}.csv"
            broken = write_rows(folder, Export(name, first, last), path)
            contents[f"telemetry/{name}.csv"] = path.read_bytes()
            contents[f"telemetry/{name}.schema.json"] = _json({**schema(kind), "x-left-out-as-broken": list(broken)})
    return contents


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str).encode() + b"\n"


def _csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue().encode()
