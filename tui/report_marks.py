"""How a report stands below a chart: one character and one of the styles of `StripChart.add_mark`."""

from __future__ import annotations

from feedback.comfort import ReportKind

MARKS = {
    ReportKind.TOO_LITTLE: ("<", "below"),
    ReportKind.GOOD: ("o", "in-band"),
    ReportKind.TOO_MUCH: (">", "above"),
    ReportKind.THERE: ("[", "in-band"),
    ReportKind.ENOUGH: ("]", "above"),
    ReportKind.EASING: ("\\", ""),
    ReportKind.WORSENING: ("/", ""),
    ReportKind.STOP: ("!", "stop"),
}
