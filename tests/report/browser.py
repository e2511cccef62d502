"""A real Chromium, headless, where one is installed."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM, reason="no Chromium is installed")
needs_poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="no poppler-utils are installed")

OVERLAPS = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const boxes = [...svg.querySelectorAll('text')].map(text => [text.textContent, text.getBoundingClientRect()]);
    boxes.forEach(([one, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (across > 1 && down > 3) found.push(`${svg.querySelector('title').textContent}: ${one} / ${other}`);
    }));
  }
  return found;
}"""
"""Pairs of words that lie on each other in a drawing."""
OUTSIDE = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg')) {
    const frame = svg.getBoundingClientRect();
    for (const text of svg.querySelectorAll('text')) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 2 || box.right > frame.right + 6
          || box.top < frame.top - 2 || box.bottom > frame.bottom + 2)
        found.push(`${svg.querySelector('title').textContent}: ${text.textContent}`);
    }
  }
  return found;
}"""
"""Words that stick out of their drawing."""


class Tab:
    """A page of the browser; keeps what the report in it asked for and said."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.requests: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))

    def open(self, path: Path, *, width: int = 1100, scheme: str = "light") -> Any:
        """Open a report, from nothing."""
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(media="screen", color_scheme=scheme)
        self.requests.clear()
        self.said.clear()
        self.page.goto(path.as_uri())
        return self.page

    def print(self, path: Path, pdf: Path, paper: str) -> list[str]:
        """Print a report; the words of each page."""
        self.open(path)
        self.page.emulate_media(media="print")
        self.page.pdf(path=pdf, format=paper)
        return pages_of(pdf)

    def asks(self, words: str) -> Any:
        """The value of some JavaScript on the page."""
        return self.page.evaluate(words)


@contextmanager
def chromium() -> Iterator[Tab]:
    """A browser with one page."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield Tab(browser.new_page())
        browser.close()


def violations(page: Any, *rules: str) -> list[str]:
    """What axe-core finds: by all its rules for WCAG and good practice, or by some."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": list(rules)} if rules else None).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def pages_of(pdf: Path) -> list[str]:
    """The words of each page."""
    words = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    return words.removesuffix("\f").split("\f")
