"""Reports: one HTML file with everything in it, for the client, the therapist or whoever referred the client."""

from __future__ import annotations

from tui.report.page import AUDIENCES, Audience, report_html

__all__ = ["AUDIENCES", "Audience", "report_html"]
