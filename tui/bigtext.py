"""Large characters from bitmaps, drawn with half blocks, for reading from two metres. Pure: no screen.

A pixel of a bitmap is one cell wide and half a row high, which is nearly square. Text is made as large as the space
allows, in whole multiples, so that strokes stay even.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

Bitmap = NDArray[np.bool_]

_TALL = {
    "0": "01110 10001 10001 10001 10001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "01110 10001 00001 00110 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "01110 10000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 00100 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00001 01110",
    ".": "0 0 0 0 0 0 1",
    ",": "00 00 00 00 00 01 10",
    "-": "00000 00000 00000 01110 00000 00000 00000",
    "+": "00000 00100 00100 11111 00100 00100 00000",
    "≥": "10000 01100 00011 01100 10000 00000 11111",
    "?": "01110 10001 00001 00110 00100 00000 00100",
    "!": "1 1 1 1 1 0 1",
    "/": "00001 00001 00010 00100 01000 10000 10000",
    " ": "00 00 00 00 00 00 00",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "B": "11110 10001 10001 11110 10001 10001 11110",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "F": "11111 10000 10000 11110 10000 10000 10000",
    "G": "01110 10001 10000 10111 10001 10001 01110",
    "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "111 010 010 010 010 010 111",
    "J": "00111 00010 00010 00010 00010 10010 01100",
    "K": "10001 10010 10100 11000 10100 10010 10001",
    "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "N": "10001 11001 11001 10101 10011 10011 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000",
    "Q": "01110 10001 10001 10001 10101 10010 01101",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 10001 01010 01010 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001",
    "X": "10001 01010 00100 00100 00100 01010 10001",
    "Y": "10001 10001 01010 00100 00100 00100 00100",
    "Z": "11111 00001 00010 00100 01000 10000 11111",
    "▼": "1111111 1111111 0111110 0111110 0011100 0011100 0001000",
    "▲": "0001000 0011100 0011100 0111110 0111110 1111111 1111111",
    "●": "0011100 0111110 1111111 1111111 1111111 0111110 0011100",
    "○": "0011100 0100010 1000001 1000001 1000001 0100010 0011100",
    "■": "1111111 1111111 1111111 1111111 1111111 1111111 1111111",
}
"""Characters seven pixels high."""

_LOW = {
    "0": "111 101 101 101 111",
    "1": "010 110 010 010 111",
    "2": "111 001 111 100 111",
    "3": "111 001 011 001 111",
    "4": "101 101 111 001 001",
    "5": "111 100 111 001 111",
    "6": "111 100 111 101 111",
    "7": "111 001 010 010 010",
    "8": "111 101 111 101 111",
    "9": "111 101 111 001 111",
    ".": "0 0 0 0 1",
    "-": "000 000 111 000 000",
    "+": "000 010 111 010 000",
    "≥": "100 011 100 000 111",
    "?": "1110 0001 0110 0000 0100",
    "!": "1 1 1 0 1",
    " ": "00 00 00 00 00",
    "A": "0110 1001 1111 1001 1001",
    "B": "1110 1001 1110 1001 1110",
    "C": "0111 1000 1000 1000 0111",
    "D": "1110 1001 1001 1001 1110",
    "E": "1111 1000 1110 1000 1111",
    "F": "1111 1000 1110 1000 1000",
    "G": "0111 1000 1011 1001 0111",
    "H": "1001 1001 1111 1001 1001",
    "I": "111 010 010 010 111",
    "J": "0011 0001 0001 1001 0110",
    "K": "1001 1010 1100 1010 1001",
    "L": "1000 1000 1000 1000 1111",
    "M": "10001 11011 10101 10001 10001",
    "N": "1001 1101 1011 1001 1001",
    "O": "0110 1001 1001 1001 0110",
    "P": "1110 1001 1110 1000 1000",
    "Q": "0110 1001 1001 1010 0101",
    "R": "1110 1001 1110 1010 1001",
    "S": "0111 1000 0110 0001 1110",
    "T": "11111 00100 00100 00100 00100",
    "U": "1001 1001 1001 1001 0110",
    "V": "10001 10001 01010 01010 00100",
    "W": "10001 10001 10101 11011 10001",
    "X": "10001 01010 00100 01010 10001",
    "Y": "10001 01010 00100 00100 00100",
    "Z": "1111 0001 0110 1000 1111",
    "/": "0001 0001 0010 0100 1000",
    "▼": "1111111 0111110 0011100 0001000 0000000",
    "▲": "0000000 0001000 0011100 0111110 1111111",
    "●": "01110 11111 11111 11111 01110",
    "○": "01110 10001 10001 10001 01110",
    "■": "11111 11111 11111 11111 11111",
}
"""Characters five pixels high, for places where seven do not fit."""

FONTS = (_TALL, _LOW)
LARGEST = 8
WORTH_THE_LOW_FONT = 1.25
"""The low font is coarse: it is used where it comes out this much taller, and where the tall one does not fit."""


@dataclass(frozen=True, slots=True)
class BigText:
    """Text drawn large.

    Attributes:
        rows: the characters, all of one width.
        letter_rows: rows that one line of it is high.
    """

    rows: tuple[str, ...]
    letter_rows: int

    @property
    def width(self) -> int:
        """Cells of a row."""
        return len(self.rows[0])


def bitmap(text: str, font: int = 0) -> Bitmap | None:
    """The pixels of a line of text, one blank column between characters; None if a character is not in the font."""
    shapes = [_shape(character, font) for character in text]
    if not shapes or any(shape is None for shape in shapes):
        return None
    columns: list[Bitmap] = []
    for shape in shapes:
        assert shape is not None
        columns += [shape, np.zeros((len(shape), 1), bool)]
    return np.concatenate(columns[:-1], axis=1)


@cache
def _shape(character: str, font: int) -> Bitmap | None:
    rows = FONTS[font].get(character)
    return None if rows is None else np.array([[c == "1" for c in row] for row in rows.split()])


@lru_cache(maxsize=512)
def fit(text: str, width: int, height: int, *, ascii_only: bool = False) -> BigText | None:
    """The largest drawing of a line of text in `width` x `height` cells; None when even the smallest does not fit."""
    best: BigText | None = None
    for font in range(len(FONTS)):
        drawn = _fit_font(text, font, width, height, ascii_only)
        if drawn and (best is None or len(drawn.rows) >= WORTH_THE_LOW_FONT * len(best.rows)):
            best = drawn
    return best


@lru_cache(maxsize=512)
def fit_lines(lines: tuple[str, ...], width: int, height: int, *, ascii_only: bool = False) -> BigText | None:
    """The same for several lines of one size, centred, with a blank row between them where there is room."""
    best: BigText | None = None
    for font in range(len(FONTS)):
        for gap in (1, 0):
            room = (height - gap * (len(lines) - 1)) // len(lines)
            scales = [_scale(line, font, width, room, ascii_only) for line in lines]
            if min(scales) < 1:
                continue
            rows = _stack(lines, font, min(scales), gap, ascii_only)
            letter_rows = (len(rows) - gap * (len(lines) - 1)) // len(lines)
            if best is None or letter_rows >= WORTH_THE_LOW_FONT * best.letter_rows:
                best = BigText(rows, letter_rows)
    return best


def _stack(lines: tuple[str, ...], font: int, scale: int, gap: int, ascii_only: bool) -> tuple[str, ...]:
    blocks = [
        _draw(pixels, scale, ascii_only, False)
        for line in lines
        if (pixels := bitmap(line, font)) is not None
    ]
    width = max(len(block[0]) for block in blocks)
    rows: list[str] = []
    for block in blocks:
        rows += [""] * (gap if rows else 0) + list(block)
    return tuple(f"{row:^{width}}" for row in rows)


def _fit_font(text: str, font: int, width: int, height: int, ascii_only: bool) -> BigText | None:
    pixels = bitmap(text, font)
    scale = _scale(text, font, width, height, ascii_only)
    if pixels is None or scale < 1:
        return None
    rows = _draw(pixels, scale, ascii_only, not any(map(str.isalpha, text)))
    return BigText(rows, len(rows))


def _scale(text: str, font: int, width: int, height: int, ascii_only: bool) -> int:
    """The largest scale that fits, 0 when none does."""
    pixels = bitmap(text, font)
    if pixels is None:
        return 0
    tall, wide = pixels.shape
    for scale in range(LARGEST, 0, -1):
        rows = tall * max(1, scale // 2) if ascii_only else -(-tall * scale // 2)
        if wide * scale <= width and rows <= height:
            return scale
    return 0


def _draw(pixels: Bitmap, scale: int, ascii_only: bool, round_corners: bool) -> tuple[str, ...]:
    if ascii_only:
        # A cell cannot be halved here: a pixel is one cell at the smallest scale, and half as many rows as cells wide
        # from two on.
        tall = np.repeat(np.repeat(pixels, scale, axis=1), max(1, scale // 2), axis=0)
        return tuple("".join("#" if lit else " " for lit in row) for row in tall)
    tall = _enlarge(pixels, scale, round_corners=round_corners)
    if len(tall) % 2:
        tall = np.concatenate((tall, np.zeros((1, tall.shape[1]), bool)))
    upper, lower = tall[::2], tall[1::2]
    shades = np.array([" ", "▀", "▄", "█"])[upper + 2 * lower.astype(int)]
    return tuple("".join(row) for row in shades)


def _enlarge(pixels: Bitmap, scale: int, *, round_corners: bool) -> Bitmap:
    """Each pixel as a square, with diagonal steps filled so that slanted strokes are even.

    With `round_corners` outer corners are cut and inner ones filled too (the rule of Scale2x): good for digits, but it
    makes a D of square letters look like an O.
    """
    height, width = pixels.shape
    padded = np.pad(pixels, 1)

    def neighbour(down: int, right: int) -> Bitmap:
        return padded[1 + down : 1 + down + height, 1 + right : 1 + right + width]

    blocks = np.repeat(np.repeat(pixels[:, :, None, None], scale, axis=2), scale, axis=3)
    cut = scale // 2
    offsets = [(i, j) for i in range(cut) for j in range(cut - i)]
    for down in (-1, 1):
        for right in (-1, 1):
            beside, across = neighbour(0, right), neighbour(down, 0)
            turned = (beside == across) & (beside != neighbour(0, -right)) & (across != neighbour(-down, 0))
            if not round_corners:
                turned &= beside & ~neighbour(down, right)
            for i, j in offsets:
                row, column = (i if down < 0 else scale - 1 - i), (j if right < 0 else scale - 1 - j)
                blocks[:, :, row, column] = np.where(turned, beside, blocks[:, :, row, column])
    return blocks.transpose(0, 2, 1, 3).reshape(height * scale, width * scale)
