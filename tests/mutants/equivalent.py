"""Mutants that change nothing that can be observed, by their names, each with the reason."""

from __future__ import annotations

from typing import Final

EQUIVALENT: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            "board.Board.rows_where low >= Standing.ORPHAN: Gt",
            "board.Board.rows_where high <= Standing.OVERSELL: Lt",
            "board.Board.rows_where Standing.OVERSELL: OVER",
        ),
        "more is looked up in all rows, where the few that are listed would do",
    ),
    "board.Board.make_room self.size <= self._capacity: Lt": "room is made one row before it is needed",
    "history.MasterHistory.record catalogue_size > len(self._newest): GtE": "it is copied though there is room",
    "board.Board._rejudge self.judged += 1: Sub": "each judgement has another number than those before it",
    "admission._mentions len(rows) * _DENSE < size: LtE": "sorted or counted, the rows are the same",
    "judge.pair_up one + 1: Sub": "a pair is looked at twice, and a level is never apart from itself",
    **dict.fromkeys(
        (
            "judge.pair_up this > 0: GtE",
            "judge.pair_up here & (this > 0): BitOr",
            "judge.pair_up this < 0: LtE",
            "judge.pair_up here & (this < 0): BitOr",
            "judge.pair_up above & below: BitOr",
        ),
        "more rows are looked at closely, in which no two levels are apart",
    ),
    **dict.fromkeys(
        ("judge.pair_up this[which] > 0: GtE", "judge.pair_up this[which] < 0: LtE"),
        "of two that agree with the master and are apart, neither stands at it exactly",
    ),
    "judging.judge_all column.known or not column.rules.active: And": "all rows are looked at, and judged alike",
    "judging.exceptions min(STRIDE, size): max": "more room than is used",
    "judging.judge_all any((column.rules.active for column in columns)): all": "all are looked at, and stand alike",
    "phase.phases not len(rows) or column.read_at is None: And": "a level drifts only where its surface was read",
    **dict.fromkeys(
        (
            "pace._KeptUp.count before.start <= recent.start <= before.stop <= recent.stop: Lt",
            "pace._KeptUp.count before.start <= recent.start <= before.stop <= recent.stop: Lt #2",
            "pace._KeptUp.count before.start <= recent.start <= before.stop <= recent.stop: Lt #3",
        ),
        "what could be kept up is counted anew, and adds up to the same",
    ),
    "pace._KeptUp._add int(rows.max()) + 1 - len(self.sums): Add": "more room than is used",
    "history.MasterHistory._forget self.forgotten += 1: Sub": "each time has another number than those before it",
    **dict.fromkeys(
        ("lag._affordable len(voters) <= LEAST_VOTERS: Lt", "lag._affordable wanted >= len(voters): Gt"),
        "of just so many all are asked either way",
    ),
    "judging._pair atp > 0: GtE": "where nothing is left nothing is below what is expected, and so in no pair",
    "expect._named scope.sku and scope.surface in ('', surface.name): Or": "a row of its own has then what all have",
    **dict.fromkeys(
        ("judging.exceptions min(STRIDE, size): max #2", "judging.exceptions min(STRIDE, size): max #3"),
        "more room than is used",
    ),
    "judging._counted len(kinds) < _FEW: LtE": "at once or kind by kind, they are as many",
    "lag._changed history.first_at or 0: And": "what the first read brought is looked at, and no change",
    "snapshot._restore reasons.any: all": "where all are not the same it is written out a moment later",
    "text.clean len(text) <= _LONGEST: Lt": "where nothing is to be escaped or cut nothing is",
    **dict.fromkeys(
        ("text._escape code <= 255: Lt", "text._escape code <= 65535: Lt"),
        "neither of the two characters is one of those that are escaped",
    ),
    "tuning._judged index and scope.surface in ('', column.rules.name): Or": "where nothing else is ruled a surface is "
    "measured as it is; the master is not measured",
    **dict.fromkeys(
        ("tuning._drifts standings <= Standing.OVERSELL: Lt", "tuning._drifts Standing.OVERSELL: OVER"),
        "no tolerance begins or ends an oversell: it counts on both sides, and stands in no bar",
    ),
    "lag._asked count <= VOTERS: Lt": "of just so many all are asked either way",
    "lag._densest turns < 0: LtE": "what turns by nothing changes no coverage, wherever it stands among its like",
    "lag._densest coverage[::-1] >= coverage.max() - _TIES: Gt": "no coverage is less than the most by just so little",
    "order.order Standing.UNKNOWN: IN_SYNC": "what is in sync has no level that is unknown: the filter leaves it out",
    "index.TextIndex.put 2 * size > len(self._slots): GtE": "slots are made anew, as many as there were",
    "packed_levels.PackedLevels.put states[others].astype(self.numbers.dtype) + _least(self.numbers.dtype): Sub": (
        "half of all numbers there are, added or taken away: the same in numbers that wrap around"
    ),
    "packed_levels._widened least <= _least(kind): Lt": "it becomes what it was",
    **dict.fromkeys(
        (
            "texts.Texts.order lengths > offset: GtE",
            "texts.Texts._same lengths > 0: GtE",
            "texts.Texts._same lengths > offset: GtE",
        ),
        "of a text that has ended there no byte is looked at",
    ),
    "texts.Texts._same alike & (lengths > 0): BitOr": "texts of other lengths are found to differ once more",
    **dict.fromkeys(
        ("texts.Texts._copy_block lengths > 0: GtE", "texts.Texts._copy_block lengths[left[-1]] > 8 * len(left): GtE"),
        "what is spoilt behind a text is written afterwards",
    ),
    **dict.fromkeys(
        (
            "texts.TextStore.reserve used + size + PADDING > len(self.data): GtE",
            "texts.TextStore.reserve self._size + count + 1 > len(self._bounds): GtE",
        ),
        "it grows though there is just room",
    ),
}
