"""The pages of a damaged SQLite file, with those that its -wal file has in their place; nothing of the file is trusted.

Format: https://www.sqlite.org/fileformat2.html (1.3 the header, 4.1 and 4.2 the WAL and its checksums). Encrypted
pages: https://www.zetetic.net/sqlcipher/design/ (SQLCipher 4: AES-256-CBC, HMAC-SHA512 over the encrypted page, its
initialisation vector and its number; the salt of the key stands in the first 16 bytes of the file).
"""

from __future__ import annotations

import hashlib
import hmac
import os
import struct
from typing import TYPE_CHECKING

from feedback.history.driver import HEADER, PAGE, SALT_BYTES, key_of
from feedback.history.errors import LockedHistoryError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_RESERVED = 80
_MAC, _IV = 64, 16
_WAL_HEADER, _FRAME_HEADER = 32, 24
_WAL_MAGIC = 0x377F0682


class Pages:
    """Reads pages by number, from 1 on. A context manager.

    Args:
        path: of the damaged file; a -wal file beside it is read too.
        passphrase: of an encrypted file.

    Attributes:
        size: bytes of a page.
        usable: bytes of a page that SQLite uses.
        count: pages that the file and its -wal file have.

    Raises:
        OSError: the file cannot be read.
        LockedHistoryError: the library for encrypted pages is not installed.
    """

    def __init__(self, path: Path, passphrase: str | None = None) -> None:
        self._file = path.open("rb")
        try:
            head = self._file.read(100)
            self.size = _page_size(head) if passphrase is None else PAGE
            self._cipher = None if passphrase is None else _Cipher(passphrase, head[:SALT_BYTES])
            reserved = head[20] if passphrase is None and head.startswith(HEADER) and len(head) > 20 else 0
            self.usable = self.size - (_RESERVED if self._cipher else reserved if reserved < 100 else 0)
            self._frames = _frames(path.with_name(f"{path.name}-wal"), self.size)
        except BaseException:
            self._file.close()
            raise
        length = os.fstat(self._file.fileno()).st_size
        self.count = max([-(-length // self.size), *self._frames])
        self.unreadable: set[int] = set()
        """Encrypted pages that turned out not to be as they were written."""

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._file.close()

    def read(self, number: int) -> bytes | None:
        """A page, decrypted; None where there is none, it is cut short, or it is known to be damaged."""
        if not 1 <= number <= self.count:
            return None
        data = self._frames.get(number)
        if data is None:
            try:
                self._file.seek((number - 1) * self.size)
                data = self._file.read(self.size)
            except OSError:
                # A sector that the disk cannot read any more.
                self.unreadable.add(number)
                return None
        if len(data) < self.size:
            return None
        if self._cipher is None:
            return data
        opened = self._cipher.open(number, data)
        if opened is None:
            self.unreadable.add(number)
        return opened


class _Cipher:
    def __init__(self, passphrase: str, salt: bytes) -> None:
        try:
            from cryptography.hazmat.primitives.ciphers.algorithms import AES
        except ImportError:
            raise LockedHistoryError(
                "recovering an encrypted record needs its libraries: install them with `pip install "
                "'goodpain[encrypted]'`"
            ) from None
        key = key_of(passphrase, salt)
        self._algorithm = AES(key)
        self._mac_key = hashlib.pbkdf2_hmac("sha512", key, bytes(one ^ 0x3A for one in salt), 2, 32)

    def open(self, number: int, data: bytes) -> bytes | None:
        """A page as SQLite sees it; None when it is not as it was written."""
        start = SALT_BYTES if number == 1 else 0
        end = len(data) - _RESERVED
        iv, mac = data[end : end + _IV], data[end + _IV :]
        told = hmac.digest(self._mac_key, data[start : end + _IV] + struct.pack("<I", number), "sha512")
        if not hmac.compare_digest(told[:_MAC], mac):
            return None
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.modes import CBC

        turner = Cipher(self._algorithm, CBC(iv)).decryptor()
        plain = turner.update(data[start:end]) + turner.finalize()
        return (HEADER if number == 1 else b"") + plain + bytes(_RESERVED)


def _page_size(head: bytes) -> int:
    """What the header says, where it is to be believed."""
    if len(head) < 18 or not head.startswith(HEADER):
        return PAGE
    size = int.from_bytes(head[16:18], "big")
    size = 65536 if size == 1 else size
    return size if 512 <= size <= 65536 and size & (size - 1) == 0 else PAGE


def _frames(wal: Path, size: int) -> dict[int, bytes]:
    """The newest committed version of each page in a -wal file, up to the first frame that is not whole."""
    try:
        data = wal.read_bytes()
    except OSError:
        return {}
    if len(data) < _WAL_HEADER:
        return {}
    magic, _, page, _, salt_1, salt_2, sum_1, sum_2 = struct.unpack(">8I", data[:_WAL_HEADER])
    order = ">" if magic == _WAL_MAGIC + 1 else "<"
    if magic & ~1 != _WAL_MAGIC or page != size or _sums(data[:24], order, (0, 0)) != (sum_1, sum_2):
        return {}
    sums = (sum_1, sum_2)
    frames: dict[int, bytes] = {}
    waiting: dict[int, bytes] = {}
    for at in range(_WAL_HEADER, len(data) - _FRAME_HEADER - size + 1, _FRAME_HEADER + size):
        number, commit, one, two, *told = struct.unpack(">6I", data[at : at + _FRAME_HEADER])
        body = data[at + _FRAME_HEADER : at + _FRAME_HEADER + size]
        sums = _sums(body, order, _sums(data[at : at + 8], order, sums))
        if (one, two) != (salt_1, salt_2) or tuple(told) != sums:
            break
        waiting[number] = body
        if commit:
            frames.update(waiting)
            waiting.clear()
    return frames


def _sums(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for x, y in zip(words[::2], words[1::2], strict=True):
        first = (first + x + second) & 0xFFFFFFFF
        second = (second + y + first) & 0xFFFFFFFF
    return first, second
