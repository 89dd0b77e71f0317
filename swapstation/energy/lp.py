"""A linear program as groups of columns and rows in arrays, handed to HiGHS at once; one thread, no binaries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import highspy
import numpy as np
from numpy.typing import ArrayLike, NDArray

from swapstation.errors import SwapstationError

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]
INFINITE = highspy.kHighsInf
FROM_BOUNDS: Mapping[str, str | int] = {"presolve": "off", "simplex_strategy": 4}
"""HiGHS's options for the primal simplex without presolve."""


class LpUnsolved(SwapstationError):
    """HiGHS found no optimum; the message is its word for it."""


@dataclass(slots=True)
class Lp:
    """Minimises cost x columns within the bounds of columns and rows. Column groups first, then rows over them."""

    size: int = 0
    height: int = 0
    _columns: list[tuple[Floats, Floats, Floats]] = field(default_factory=list)
    _bounds: list[tuple[Floats, Floats]] = field(default_factory=list)
    _entries: list[tuple[Indices, Indices, Floats]] = field(default_factory=list)

    def columns(self, count: int, lower: ArrayLike, upper: ArrayLike, cost: ArrayLike) -> Indices:
        """Add a group; bounds and cost are one for all or one for each. Returns their numbers."""
        self._columns.append((_filled(lower, count), _filled(upper, count), _filled(cost, count)))
        self.size += count
        return np.arange(self.size - count, self.size, dtype=np.int32)

    def rows(self, count: int, lower: ArrayLike, upper: ArrayLike) -> Indices:
        """Add a group of rows, empty so far. Returns their numbers."""
        self._bounds.append((_filled(lower, count), _filled(upper, count)))
        self.height += count
        return np.arange(self.height - count, self.height, dtype=np.int32)

    def enter(self, rows: ArrayLike, columns: ArrayLike, values: ArrayLike) -> None:
        """Put values where rows and columns meet; each place once."""
        at_rows, at_columns, entered = np.broadcast_arrays(rows, columns, values)
        self._entries.append(
            (
                at_rows.ravel().astype(np.int32),
                at_columns.ravel().astype(np.int32),
                entered.ravel().astype(np.float64),
            )
        )

    def upper(self, columns: Indices) -> Floats:
        """The upper bounds of columns."""
        return np.concatenate([group[1] for group in self._columns])[columns]

    def solve(self, from_bounds: bool = False) -> Floats:
        """The columns of an optimum. Raises LpUnsolved.

        `from_bounds`: with every column at its bound nearest to 0 nearly all rows hold. Then the primal simplex without
        presolve is two to three times as fast (measured on plans of 7 to 12 batteries); where it gives up, HiGHS
        decides itself.
        """
        model, status = self.model(), ""
        for options in (FROM_BOUNDS, {}) if from_bounds else ({},):
            solver = QuietHighs()  # type: ignore[no-untyped-call]
            for name, value in options.items():
                solver.setOptionValue(name, value)
            solver.passModel(model)
            solver.run()
            if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal:
                return np.array(solver.getSolution().col_value)
            status = solver.modelStatusToString(solver.getModelStatus())
        raise LpUnsolved(status)

    def model(self) -> highspy.HighsLp:
        """What HiGHS is given: the matrix row by row."""
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = self.size, self.height
        model.col_lower_, model.col_upper_, model.col_cost_ = (
            np.concatenate([group[part] for group in self._columns]) for part in range(3)
        )
        model.row_lower_, model.row_upper_ = (
            np.concatenate([group[part] for group in self._bounds] or [np.zeros(0)]) for part in range(2)
        )
        rows = np.concatenate([entry[0] for entry in self._entries] or [np.zeros(0, np.int32)])
        order = np.argsort(rows, kind="stable")
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = np.searchsorted(rows[order], np.arange(self.height + 1)).astype(np.int32)
        model.a_matrix_.index_ = np.concatenate([entry[1] for entry in self._entries] or [np.zeros(0, np.int32)])[order]
        model.a_matrix_.value_ = np.concatenate([entry[2] for entry in self._entries] or [np.zeros(0)])[order]
        return model


class QuietHighs(highspy.Highs):
    """HiGHS on one thread and without output, not even the banner that its constructor writes for the callbacks."""

    def enableCallbacks(self) -> None:
        self.setOptionValue("output_flag", False)
        self.setOptionValue("threads", 1)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def _filled(values: ArrayLike, count: int) -> Floats:
    filled = np.empty(count)
    filled[:] = values
    return filled
