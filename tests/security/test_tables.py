"""Tables for a spreadsheet hold no formulas."""

from __future__ import annotations

import pytest

from feedback.drills.group import csv_text


@pytest.mark.parametrize("code", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_trainees_code_is_no_formula(code: str) -> None:
    assert csv_text(("trainee",), [(code,)]).split("\n", 1)[1].lstrip('"').startswith("'")


def test_a_number_below_zero_stays_a_number() -> None:
    assert csv_text(("bias",), [(-1.5,)]) == "bias\r\n-1.5\r\n"
