"""DL/T 645 frames that several tests use."""

from __future__ import annotations

from hypothesis import strategies as st

ADDRESS = "000000000161"
READ_ENERGY = "68 61 01 00 00 00 00 68 11 04 33 33 34 33 14 16"
ENERGY = "68 61 01 00 00 00 00 68 91 08 33 33 34 33 59 33 33 33 8A 16"
PIECES = st.lists(
    st.one_of(
        st.binary(max_size=30), st.sampled_from([bytes.fromhex(READ_ENERGY), bytes.fromhex(ENERGY), b"\x68", b"\xfe"])
    ),
    max_size=10,
)
