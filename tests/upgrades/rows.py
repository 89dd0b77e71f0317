"""Rows that a station of the first schema may hold, one or more in each of its tables, in the order of their keys."""

from __future__ import annotations

AT, LATER = "2026-03-01 08:30:00.250000", "2026-03-01 08:36:10.000000"
VIN = "LSWAPTRK7T0000001"
CODE = "999PB0A0000001E6K000000{}"
_SWAP = (VIN, "tractor-6x4", "top_lift", "h")

STATION = (
    ("boots", (1, "0.1.0", "abc", AT, "li", AT)),
    *(("events", (number, 1, AT, "InventoryChanged", '{"note": "电池"}')) for number in range(1, 7)),
    *(("places", (f"bay-{number}", "bay")) for number in (1, 2, 3)),
    ("places", ("isolation-9", "isolation")),
    ("places", ("robot", "robot")),
    ("places", (f"truck:{VIN}", "truck")),
    ("requests", ("k-1", "li", "request_swap", "0" * 64, '{"key": "k-1", "kind": "accepted"}', AT)),
    ("trucks", (VIN, "tractor-6x4", "")),
    ("alarms", (1, "ROBOT_SILENT@robot", "ROBOT_SILENT", "robot", 2, "unacknowledged", AT, "", "", None)),
    ("alarms", (2, "BMS_SILENT@bay-1", "BMS_SILENT", "bay-1", 3, "acknowledged", AT, "", "li", LATER)),
    ("batteries", ("B1", "LFP-282", "bay-1", 80.0, AT, 0, 0)),
    ("batteries", ("B2", "LFP-282", "bay-2", None, None, 1, 0)),
    ("batteries", ("B3", "LFP-282", f"truck:{VIN}", 12.5, AT, 0, 0)),
    *(("pack_codes", (CODE.format(number), f"B{number}", 1)) for number in (1, 2, 3)),
    *(("event_batteries", (f"B{number}", number)) for number in (1, 2, 3)),
    ("charges", (3, "B1", 1, AT, 40.0, 100.0, LATER, 80.0, 112.8, "[]")),
    (
        "swaps",
        (
            "S1",
            VIN,
            "tractor-6x4",
            "top_lift",
            "h",
            "put",
            "completed",
            "B1",
            "B3",
            1,
            3,
            None,
            "li",
            AT,
            LATER,
            "",
            "[]",
        ),
    ),
    (
        "swaps",
        (
            "S2",
            VIN,
            "tractor-6x4",
            "top_lift",
            "h",
            "identify",
            "open",
            None,
            None,
            None,
            None,
            None,
            "li",
            AT,
            None,
            "",
            "[]",
        ),
    ),
    ("holds", ("H1", "swap", "B1", None, "S1", VIN, None, "li", AT, None, LATER, "done")),
    ("holds", ("H2", "lock_out", None, "bay-3", None, None, None, "li", AT, None, None, None)),
    ("intents", (1, 1, "PickBattery", "bay=1", "S1", AT, "done", "", LATER)),
    ("intents", (2, 1, "PutBattery", "bay=3", "S2", AT, None, "", None)),
    ("facts", (4, AT, "B1", "bay-1", "robot", '["load"]', 1)),
)
BUSINESS = (
    ("accounts", ("li", "李", "shift_lead", "hash", "hash", "secret", 7, AT, None)),
    ("accounts", ("wang", "", "viewer", None, None, None, 0, AT, LATER)),
    ("invitations", ("code", "wang", LATER)),
    ("sessions", ("token", "li", "cabin", "127.0.0.1", AT, None)),
    ("api_keys", ("k1", "hash", "north", "fleet", "north", '["read"]', AT, "li", None, None)),
    ("cursors", ("audit", 6)),
)
"""The audit's rows come from the audit itself: they are chained."""
