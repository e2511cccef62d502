"""Some of the faults of `make torture`, the quick ones, with every run of the tests."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path

import pytest

from tests.torture.ledger import Outcome

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform != "linux", reason="the faults are made with what Linux offers"),
]


def well(outcome: Outcome) -> None:
    assert (outcome.silent, outcome.wrong, outcome.failures) == (0, 0, [])
    assert outcome.recorded > 0


def test_a_record_deleted_during_a_session_is_put_back(tmp_path: Path) -> None:
    from tests.torture.disk_faults import removed

    well(removed(tmp_path))


def test_every_copy_after_a_power_cut_opens_and_holds_what_was_promised(tmp_path: Path) -> None:
    from tests.torture import power_faults
    from tests.torture.preload import CAN_PRELOAD

    if not CAN_PRELOAD:
        pytest.skip("needs gcc")
    # A machine that is busy with other tests may be late by seconds.
    well(power_faults.visit(6.0, 12, late_s=2.0)(tmp_path))


def test_a_polite_kill_ends_a_session_in_order_while_nobody_reads_the_terminal(tmp_path: Path) -> None:
    from tests.torture.visit import visit

    with visit(tmp_path) as one:
        one.see_it_run()
        # By now the terminal's buffer is full, or will be.
        time.sleep(1.5)
        one.terminal.signal(signal.SIGTERM)
        assert one.ends(30.0)
        one.hush()
        found = one.found()
    assert found.ended == ("ended",)
    assert (found.silent, found.wrong) == (0, 0)


def test_a_program_without_memory_ends_in_order_when_it_is_asked_to(tmp_path: Path) -> None:
    from tests.torture.process_faults import no_memory

    well(no_memory(tmp_path, [0]))


def test_an_attempt_is_kept_up_to_the_moment_at_which_the_plug_is_pulled(tmp_path: Path) -> None:
    from tests.torture.practise_faults import unplugged

    well(unplugged(tmp_path, [1.6]))


def test_a_record_deleted_while_it_is_looked_through_is_put_back_with_the_correction(tmp_path: Path) -> None:
    from tests.torture.review_faults import deleted

    well(deleted(tmp_path))
