"""A new folder of many files that appears when all of it is whole; and the visits that go into it."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from feedback.history.errors import ExportError
from feedback.history.export_folder import partial_folder, unwritable
from feedback.history.records import check_code
from feedback.private_file import private_folder

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from uuid import UUID

    from feedback.history.records import SessionSummary
    from feedback.history.store import History
    from feedback.history.work import Work


@dataclass(frozen=True, slots=True)
class ClientOut:
    """A client of the export.

    Attributes:
        label: the code as a file name takes it: letters and digits only, and no other client's.
    """

    id: UUID
    code: str
    label: str
    sessions: int


@dataclass(frozen=True, slots=True)
class VisitOut:
    """A session of the export, and how far it is when so many of its seconds are written."""

    client: ClientOut
    session: SessionSummary
    number: int
    total: int
    work: Work

    @property
    def simulated(self) -> bool:
        """Recorded on the simulated sensor."""
        return is_simulated(self.session)

    def step(self, time_s: float = 0.0) -> None:
        """So many seconds of it are done; see `Work`."""
        share = min(1.0, max(0.0, time_s / self.session.duration_s)) if self.session.duration_s > 0 else 0.0
        self.work.step(self.number + share, self.total, self.client.code)


def is_simulated(session: SessionSummary) -> bool:
    """Recorded on the simulated sensor."""
    return session.sensor_url.startswith("sim:")


def clients_out(history: History, client_code: str | None) -> list[ClientOut]:
    """All clients, or the one asked for, by code; each with a name for files.

    Raises:
        UnknownClientError: nobody has this code.
    """
    code = None if client_code is None else history.known_client(check_code(client_code)).code
    found: list[ClientOut] = []
    taken: set[str] = set()
    for client in history.clients():
        plain = re.sub("[^A-Za-z0-9]", "", client.code)
        # Upper and lower case are the same file on some systems; a code of other letters has none left.
        label = plain if plain and plain.lower() not in taken else f"{plain}{client.id.hex[:8]}"
        taken.add(label.lower())
        if code in (None, client.code):
            found.append(ClientOut(client.id, client.code, label, client.sessions))
    return found


def visits_out(history: History, clients: list[ClientOut], work: Work) -> Iterator[VisitOut]:
    """Their sessions, client by client, oldest first; only one client's are in memory."""
    total = sum(client.sessions for client in clients) + 1
    number = 0
    for client in clients:
        for session in history.sessions(client.code):
            visit = VisitOut(client, session, number, max(total, number + 1), work)
            visit.step()
            yield visit
            number += 1
    work.step(total, total, "writing")


def note_export(history: History, clients: list[ClientOut], client_code: str | None, what: str) -> None:
    """The row of the audit."""
    about = ("record", "") if client_code is None else ("client", str(clients[0].id))
    history.audit("exported", *about, what)


@contextlib.contextmanager
def new_folder(folder: Path) -> Generator[Path]:
    """A folder for files that are not whole yet; takes the name `folder` when the block ends well, else it is gone.

    Raises:
        ExportError: there is something at `folder` already, or it cannot be made or written.
    """
    made: list[Path] = []
    try:
        folder = folder.resolve()
        if folder == Path.cwd():
            raise ExportError(f"{folder} is the folder you are in: choose a new folder for this export")
        if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
            raise ExportError(f"{folder} is not empty: choose a new folder for this export")
        made = [path for path in folder.parents if not path.exists()]
        private_folder(folder.parent)
        with partial_folder(folder.parent) as partial:
            whole = partial / folder.name
            whole.mkdir(mode=0o700)
            yield whole
            if folder.is_dir():
                folder.rmdir()
            whole.replace(folder)
            made = []
    except OSError as error:
        raise unwritable(folder, error) from None
    finally:
        for path in made:
            with contextlib.suppress(OSError):
                path.rmdir()


@contextlib.contextmanager
def new_file(path: Path) -> Generator[IO[bytes]]:
    """A new file for its owner alone, on the disk when the block ends; its folders are made.

    Raises:
        OSError: it cannot be written.
    """
    private_folder(path.parent)
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb", 1 << 20) as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
