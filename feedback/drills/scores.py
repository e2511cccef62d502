"""The scores of an attempt: what each means, and where its definition comes from.

Signed, absolute and variable error are the classical three of motor learning (Schmidt and Lee, Motor Control and
Learning; used on forces of the hand by Marchand 2017, J Chiropr Educ 31:90, and Pasquier). Everything is weighted by
time, so that lost samples and irregular periods change nothing but how much is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ScoreKey(StrEnum):
    """The scores; the value is also the name of its column in tables."""

    CONSTANT = "constant_error"
    ABSOLUTE = "absolute_error"
    VARIABLE = "variable_error"
    CV = "cv"
    IN_TOLERANCE = "in_tolerance"
    ABOVE = "above"
    RATE = "rate_error"
    OVERSHOOT = "overshoot"
    TIME_TO_TARGET = "time_to_target"
    SAG = "sag_per_min"
    ESTIMATE = "estimate_error"
    PRELOAD = "preload"
    CLIENT = "client_threshold_error"


class Dimension(StrEnum):
    """What kind of number a score is."""

    PRESSURE = "pressure"
    """kPa, and N under the tip."""
    RATE = "rate"
    """kPa/s, and N/s under the tip; for sag per minute in place of per second."""
    SHARE = "share"
    """Only per cent."""
    TIME = "time"
    """Seconds."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a score is.

    Attributes:
        key: which.
        title: for a column's head.
        line: for people, one line.
        definition: how it is computed.
        source: who defined or used it.
        dimension: kind of number.
        of: what `pct` is per cent of; empty where there is none.
        signed: below 0 has a meaning of its own.
    """

    key: ScoreKey
    title: str
    line: str
    definition: str
    source: str
    dimension: Dimension
    of: str = "target"
    signed: bool = False


_CLASSIC = "Schmidt and Lee, Motor Control and Learning; Marchand 2017, J Chiropr Educ 31:90; Pasquier et al."
MEANINGS: dict[ScoreKey, Meaning] = {
    m.key: m
    for m in (
        Meaning(
            ScoreKey.CONSTANT,
            "light or heavy",
            "how far you press too heavy (+) or too light (-) on the whole",
            "time-weighted mean of pressure minus target over what is scored (constant error)",
            _CLASSIC,
            Dimension.PRESSURE,
            signed=True,
        ),
        Meaning(
            ScoreKey.ABSOLUTE,
            "off target",
            "how far off you are, whichever side",
            "time-weighted mean of |pressure minus target| over what is scored (absolute error)",
            _CLASSIC,
            Dimension.PRESSURE,
        ),
        Meaning(
            ScoreKey.VARIABLE,
            "unsteady",
            "how much your error varies around its own mean",
            "time-weighted standard deviation of pressure minus target (variable error); over several attempts, the "
            "standard deviation (n - 1) of their constant errors",
            _CLASSIC,
            Dimension.PRESSURE,
        ),
        Meaning(
            ScoreKey.CV,
            "variation",
            "how much your pressure varies, as a share of itself",
            "standard deviation of the pressure through its mean, over a stretch with one target; their mean",
            "coefficient of variation, usual for the steadiness of force",
            Dimension.SHARE,
            of="own mean",
        ),
        Meaning(
            ScoreKey.IN_TOLERANCE,
            "inside",
            "share of the time inside the tolerance",
            "time with |pressure minus target| within the tolerance, as a share of the scored and measured time; "
            "on a client, time in the hidden good-pain range",
            "as force matching shows it (SNAPL: 10 kg ± 1 kg for 15 s)",
            Dimension.SHARE,
            of="scored time",
        ),
        Meaning(
            ScoreKey.ABOVE,
            "too much",
            "share of the time above the tolerance",
            "time with pressure above the tolerance's upper edge, as a share of the scored and measured time",
            "the upper part of what is not inside",
            Dimension.SHARE,
            of="scored time",
        ),
        Meaning(
            ScoreKey.RATE,
            "ramp",
            "how much too fast (+) or too slow (-) you raise the pressure",
            "time-weighted least-squares slope of pressure from 10 % to 90 % of the way up, minus the rate asked",
            "Chesterton 2007 (competent: 5 N/s without seeing the gauge); Kinser 2009 on rates in algometry",
            Dimension.RATE,
            of="rate asked",
            signed=True,
        ),
        Meaning(
            ScoreKey.OVERSHOOT,
            "overshoot",
            "how far you shoot past the target before you settle",
            "largest mean over 0.25 s (tremor out) from the go until 3 s after first coming inside the tolerance, "
            "minus the target; 0 if the target was not passed; on a threshold, what was added after the client's word",
            "step response, as in control engineering",
            Dimension.PRESSURE,
        ),
        Meaning(
            ScoreKey.TIME_TO_TARGET,
            "time to target",
            "how long until you are inside the tolerance and stay for half a second",
            "from the go until pressure first comes inside the tolerance of the first target and stays for 0.5 s; on a "
            "client, of the good-pain range",
            "settling time, as in control engineering",
            Dimension.TIME,
            of="",
        ),
        Meaning(
            ScoreKey.SAG,
            "sag",
            "how much pressure you lose per minute of holding (+ is lost)",
            "minus the time-weighted least-squares slope over holds of at least 8 s, per minute; mean of the holds",
            "Pérez-Palomares 2021, PMC8623383: hands lose 8.7 % within 15 s",
            Dimension.RATE,
            signed=True,
        ),
        Meaning(
            ScoreKey.ESTIMATE,
            "own estimate",
            "how far your own guess was off what you really pressed (+ is guessed too high)",
            "what the trainee said it was, minus the time-weighted mean pressure of what is scored (of steps the last "
            "level's, of ramps and traces the highest mean over 0.25 s, of a threshold that at the client's word)",
            "J Chiropr Educ 2016;30:1: guesses of one's own peak did not get better with expertise, so it is trained",
            Dimension.PRESSURE,
            signed=True,
        ),
        Meaning(
            ScoreKey.PRELOAD,
            "preload",
            "how hard you rested on it before the go",
            "time-weighted mean pressure of the last half of the light contact before the go",
            "Funabashi et al., PMC13011724: failures on people were mostly too little preload",
            Dimension.PRESSURE,
        ),
        Meaning(
            ScoreKey.CLIENT,
            "threshold found",
            "how far the threshold that you read is from the simulated client's own",
            "pressure half a second before the client's first “there” (the reaction that the band assumes, "
            "docs/band.md), minus the hidden lower threshold at that moment",
            "known only because the client is simulated",
            Dimension.PRESSURE,
            of="client's threshold",
            signed=True,
        ),
    )
}
"""Every score's meaning, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Score:
    """One score of one attempt (or of several: `feedback.drills.blocks`).

    Attributes:
        key: which.
        value: kPa, kPa/s, kPa/min (sag), seconds or a share (0..1), by its `Meaning.dimension`; None where undefined.
        newtons: the same force or rate of force under the tip; None where it is neither or undefined.
        pct: in per cent of `Meaning.of`; None where undefined.
    """

    key: ScoreKey
    value: float | None = None
    newtons: float | None = None
    pct: float | None = None

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        return MEANINGS[self.key]


@dataclass(frozen=True, slots=True)
class WindowScores:
    """What was pressed in one scored stretch.

    Attributes:
        part: which press of the attempt.
        target_kpa: mean target.
        mean_kpa: time-weighted mean pressure; None when nothing was measured.
        constant_pct, absolute_pct: errors in % of the mean target; None when undefined.
        measured_s: time that was measured.
    """

    part: int
    target_kpa: float
    mean_kpa: float | None
    constant_pct: float | None
    absolute_pct: float | None
    measured_s: float


@dataclass(frozen=True, slots=True)
class AttemptScores:
    """All scores of one attempt.

    Attributes:
        scores: one for each `ScoreKey`, in the order of `MEANINGS`.
        windows: the scored stretches, in order.
        target_kpa: mean target of what is scored; None where there is none.
        mean_kpa: mean pressure of what is scored.
        felt_kpa: what the trainee's own estimate is held against: that mean; of steps the last level's, of ramps and
            traces the highest, of a threshold the pressure at the client's word.
        inside: whether the attempt counts as inside the tolerance; None when it cannot be told.
        needed_share: the smallest tolerance (a share) with which it would count as inside: one number for how good it
            was, comparable between attempts of a drill; None when it cannot be told.
        missing_share: share of the scored time that was not measured.
    """

    scores: tuple[Score, ...]
    windows: tuple[WindowScores, ...]
    target_kpa: float | None
    mean_kpa: float | None
    felt_kpa: float | None
    inside: bool | None
    needed_share: float | None
    missing_share: float

    @property
    def error_pct(self) -> float | None:
        """The signed error that matters: the constant error, and of the rate where only a rate was asked; in %."""
        constant = self[ScoreKey.CONSTANT].pct
        return self[ScoreKey.RATE].pct if constant is None else constant

    def __getitem__(self, key: ScoreKey) -> Score:
        """The score with this key; one without a value if it was never computed."""
        return next((score for score in self.scores if score.key is key), Score(key))
