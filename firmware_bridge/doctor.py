"""What is wrong with a sensor and its way into the computer, and what to do: judgements of facts, no port, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from firmware_bridge.calibration import CalibrationFile

LOSS_NOTE, LOSS_PROBLEM = 0.0, 0.01
"""Share of samples lost: above the first it is worth a word, above the second force and doses are wrong."""
RATE_SLOW_HZ = 8.0
"""Below this a hand cannot be guided: a reading every eighth of a second is older than a person's reaction."""
RATE_OFF = 0.1
NOISE_NOTE_N, NOISE_PROBLEM_N = 0.1, 0.5
"""Standard deviation of a sample: 0.1 N is 0.01 kg/cm² under 1 cm², the last digit that the screen shows."""
SKEW_NOTE_PPM = 10_000.0
"""Beyond 1 % a clock is not followed (`clock.SKEW_MAX`)."""
ROUND_TRIP_NOTE_S = 0.02
LATENCY_TIMER_MS = 4
SATURATED_PROBLEM = 0.01


class Verdict(StrEnum):
    """How a thing is."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the page.

    Attributes:
        subject: what was looked at.
        verdict: how it is.
        text: what was seen.
        todo: what to do about it; empty when nothing.
    """

    subject: str
    verdict: Verdict
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class PortFacts:
    """What is known of a port without opening it.

    Attributes:
        url: what to open.
        guess: what is probably behind it.
        usb: vendor and product id as `0403:6001`; empty when it is not on USB.
        openable: whether this user may open it.
        group: the group whose members may open it; empty when there is none that an ordinary user can join.
        joined: this user is in that group, but this login is older than that.
        holders: the programs that have it open, as far as this user may see.
        pseudo: it is a pseudo-terminal, which the program that serves it holds open as well.
        latency_ms: the latency timer of an FTDI adapter; None where there is none.
        latency_file: where that timer is set; empty where there is none.
    """

    url: str
    guess: str = ""
    usb: str = ""
    openable: bool = True
    group: str = ""
    joined: bool = False
    holders: tuple[str, ...] = ()
    pseudo: bool = False
    latency_ms: int | None = None
    latency_file: str = ""


@dataclass(frozen=True, slots=True)
class SignalFacts:
    """What was heard of a sensor.

    Attributes:
        seconds: how long it was listened to, by its clock, > 0.
        dialect: what it speaks, for people; empty when not understood.
        samples: how many came.
        lost: how many are known to be lost.
        checksum_errors: damaged frames or lines.
        garbage_bytes: bytes that belonged to nothing.
        rate_hz: samples a second.
        announced_hz: by the sensor's own word; None when it does not say.
        has_clock: whether the samples carry the device's own time.
        has_numbers: whether losses can be known.
        skew_ppm: of the device's clock; None when unknown.
        answers_pings: whether its dialect has pings.
        round_trips_s: of the pings that were answered.
        noise_counts: standard deviation of a sample.
        noise_n: the same in newtons; None without a calibration.
        saturated: samples at the converter's limit.
        serial: its serial number; empty when it does not say.
        calibration_source: where its calibration is from; empty when it has none.
        problem: the sensor's own sentence of what is wrong.
    """

    seconds: float
    dialect: str = ""
    samples: int = 0
    lost: int = 0
    checksum_errors: int = 0
    garbage_bytes: int = 0
    rate_hz: float = 0.0
    announced_hz: float | None = None
    has_clock: bool = False
    has_numbers: bool = False
    skew_ppm: float | None = None
    answers_pings: bool = False
    round_trips_s: tuple[float, ...] = ()
    noise_counts: float = 0.0
    noise_n: float | None = None
    saturated: int = 0
    serial: str = ""
    calibration_source: str = ""
    problem: str = ""


def check_port(port: PortFacts, *, wanted: bool) -> Finding:
    """Whether a port can be used; `wanted`: it is the one that the user asked about.

    A port that somebody else holds is only a problem when it is the one wanted.
    """
    what = " ".join(part for part in (port.url, port.usb and f"[{port.usb}]", port.guess) if part)
    if not port.openable:
        way = f"run `sudo chmod a+rw {port.url}`, or ask an administrator: there is no group to join for it"
        return Finding(
            "port",
            Verdict.PROBLEM if wanted or port.usb else Verdict.NOTE,
            f"{what}: this user may not open it",
            _way_into(port.group, joined=port.joined) if port.group else way,
        )
    if port.holders:
        return Finding(
            "port",
            Verdict.PROBLEM if wanted and not port.pseudo else Verdict.NOTE,
            f"{what}: in use by {' and '.join(port.holders)}",
            "close it there: two programs reading one port get half of the bytes each",
        )
    if port.latency_ms is not None and port.latency_ms > LATENCY_TIMER_MS:
        return Finding(
            "port",
            Verdict.NOTE,
            f"{what}: its adapter collects bytes for {port.latency_ms} ms",
            "Goodpain asks for low latency whenever it opens the port; for other programs: "
            f"`echo 1 | sudo tee {port.latency_file}`",
        )
    return Finding("port", Verdict.OK, what)


def _way_into(group: str, *, joined: bool) -> str:
    if joined:
        return f"log out and in again: this login is older than your joining the group {group}"
    return f"run `sudo usermod -aG {group} $USER`, then log out and in again"


def check_group(
    groups: Sequence[str], wanted: Sequence[str], *, root: bool, joined: bool = False, all_open: bool = False
) -> Finding:
    """Whether this user may open serial ports at all (Linux).

    Args:
        groups: those of this login.
        wanted: names of the groups that own serial ports here, those that exist.
        root: whether this is root.
        joined: this user is in the first of them, but this login is older than that.
        all_open: there are ports, and this user may open every one of them, so that no group is needed.
    """
    held = [group for group in wanted if group in groups]
    if all_open and not root and not held:
        return Finding("permission", Verdict.OK, "every port that is connected may be opened")
    if root or held or not wanted:
        return Finding(
            "permission", Verdict.OK, "root" if root else f"in the group {held[0]}" if held else "open to all"
        )
    return Finding(
        "permission",
        Verdict.NOTE,
        f"this user is not in the group {wanted[0]}, which owns serial ports here",
        _way_into(wanted[0], joined=joined) + ", or add a udev rule for the sensor",
    )


def check_signal(facts: SignalFacts) -> list[Finding]:
    """Rate, loss, clock, latency and noise of a sensor that was listened to."""
    if facts.samples == 0:
        return [
            Finding(
                "signal",
                Verdict.PROBLEM,
                f"no sample in {facts.seconds:.0f} s",
                facts.problem or "check cable, power and baud rate",
            )
        ]
    findings = [
        Finding("dialect", Verdict.OK, facts.dialect),
        _rate(facts),
        _loss(facts),
        _clock(facts),
        _latency(facts),
        _noise(facts),
    ]
    if facts.problem:
        findings.append(Finding("sensor", Verdict.PROBLEM, facts.problem))
    return findings


def _rate(facts: SignalFacts) -> Finding:
    text = f"{facts.rate_hz:.1f} samples a second, {facts.samples} in {facts.seconds:.0f} s"
    if facts.rate_hz < RATE_SLOW_HZ:
        return Finding(
            "rate",
            Verdict.NOTE,
            f"{text}: slow for guiding a hand",
            "set the sensor to a higher rate (HX711: its RATE pin to VCC gives 80)",
        )
    announced = facts.announced_hz
    if announced is not None and abs(facts.rate_hz - announced) > RATE_OFF * announced:
        return Finding(
            "rate",
            Verdict.NOTE,
            f"{text}, but the sensor says {announced:g}",
            "an HX711 board varies by several per cent; more means lost samples or a wrong setting",
        )
    return Finding("rate", Verdict.OK, text)


def _loss(facts: SignalFacts) -> Finding:
    total = facts.samples + facts.lost
    share = facts.lost / total
    damaged = f"{facts.checksum_errors} damaged, {facts.garbage_bytes} stray bytes"
    if not facts.has_numbers:
        verdict = Verdict.OK
        return Finding(
            "loss", verdict, f"cannot be known: this dialect does not number its samples; {damaged}"
        )
    text = f"{facts.lost} of {total} lost ({100 * share:.2f} %), {damaged}"
    if share > LOSS_PROBLEM:
        return Finding("loss", Verdict.PROBLEM, text, "use a shorter cable, another USB port or no hub")
    if share > LOSS_NOTE or facts.checksum_errors:
        return Finding("loss", Verdict.NOTE, text, "look at plugs and cable if it goes on")
    return Finding("loss", Verdict.OK, text)


def _clock(facts: SignalFacts) -> Finding:
    if not facts.has_clock:
        return Finding("clock", Verdict.OK, "the sensor sends no times: samples are placed when they arrive")
    if facts.skew_ppm is None:
        return Finding(
            "clock", Verdict.NOTE, "listened for too short a time to know the skew", "use a longer --for"
        )
    text = f"a second of the sensor is {facts.skew_ppm:+.0f} ppm longer than one here; this is followed"
    if abs(facts.skew_ppm) > SKEW_NOTE_PPM:
        return Finding(
            "clock", Verdict.NOTE, text, "a resonator is within 5000 ppm: look at the board's clock settings"
        )
    return Finding("clock", Verdict.OK, text)


def _latency(facts: SignalFacts) -> Finding:
    if not facts.answers_pings:
        return Finding("latency", Verdict.OK, "cannot be measured: this dialect has no pings")
    if not facts.round_trips_s:
        return Finding(
            "latency", Verdict.NOTE, "the sensor answered no ping", "its firmware may not know pings (P)"
        )
    trips_ms = sorted(1000 * trip for trip in facts.round_trips_s)
    middle = trips_ms[len(trips_ms) // 2]
    text = f"{middle:.1f} ms there and back (median of {len(trips_ms)}), {trips_ms[-1]:.1f} ms at most"
    if middle > 1000 * ROUND_TRIP_NOTE_S:
        return Finding("latency", Verdict.NOTE, text, "behind an FTDI adapter set its latency timer to 1 ms")
    return Finding("latency", Verdict.OK, text)


def _noise(facts: SignalFacts) -> Finding:
    if facts.saturated > SATURATED_PROBLEM * facts.samples:
        return Finding(
            "noise",
            Verdict.PROBLEM,
            f"{facts.saturated} samples are at the end of the converter's range",
            "take the load off; if it stays so, a wire of the cell is loose or it is overloaded",
        )
    if facts.noise_n is None:
        return Finding("noise", Verdict.OK, f"{facts.noise_counts:.1f} counts; newtons need a calibration")
    text = f"{facts.noise_n:.3f} N ({facts.noise_counts:.1f} counts), one standard deviation"
    todo = (
        "shield the cell's wires, keep them short, and put 100 nF at its supply; check that nothing shakes it"
    )
    if facts.noise_n > NOISE_PROBLEM_N:
        return Finding("noise", Verdict.PROBLEM, text, todo)
    return Finding(
        "noise",
        Verdict.NOTE if facts.noise_n > NOISE_NOTE_N else Verdict.OK,
        text,
        *([todo] if facts.noise_n > NOISE_NOTE_N else []),
    )


def check_calibration(facts: SignalFacts, file: CalibrationFile | None, today: date) -> Finding:
    """Whether force can be known, and how old the calibration is; `file` is the one kept for this sensor."""
    if file is not None:
        made = (
            f"of {file.date.isoformat()}, {(today - file.date).days} days old"
            if file.date
            else "without a date"
        )
        if warning := file.warning(today):
            return Finding("calibration", Verdict.NOTE, f"{facts.calibration_source}, {made}", warning)
        return Finding("calibration", Verdict.OK, f"{facts.calibration_source}, {made}")
    if not facts.calibration_source:
        return Finding(
            "calibration",
            Verdict.PROBLEM,
            "none: forces are unknown",
            "calibrate it: goodpain calibrate --sensor …",
        )
    return Finding(
        "calibration",
        Verdict.NOTE,
        f"from the {facts.calibration_source}; none was made here, so its age is unknown",
        "check it with a known mass: goodpain check",
    )
