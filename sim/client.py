"""A simulated client: hidden thresholds, and the words that follow from them."""

from __future__ import annotations

CHARACTERS = ("default", "robust", "fearful", "over-polite")
