"""What is believed about a client before the client has said a word, with its sources.

All thresholds are natural logarithms of kPa: people differ by factors, not by kilopascals.

Sources: Defrin 2003 (PMID 14659531), trigger points under a 2 cm² tip and the fall of thresholds with tip
area; Wilke (PMC6358529), gastrocnemius; Geri 2022 (doi 10.3390/jcm11237243), upper trapezius and what manual
treatment changes; Hou 2002 (doi 10.1053/apmr.2002.34834), tolerance against threshold; Balaguier 2016
(PMC4981327), scatter within a visit. None of these studies measured a good-pain band: the widths below are
wider than the sources to allow for that.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from feedback.band.edges import BandError


@dataclass(frozen=True, slots=True)
class Priors:
    """The population, and how a client's thresholds move in time.

    Attributes:
        threshold_kpa: median lower threshold T_lo under a tip of 1 cm² (Defrin, Wilke, Geri).
        threshold_ln_sd: spread of ln T_lo between people; 0.45 is 95 % within 93 to 544 kPa.
        ratio_ln: median of w = ln(T_hi / T_lo); 0.40 is a ratio of 1.49. Hou's regression gives 1.41 at 225
            kPa for tolerance; "too much" is not tolerance, so the prior is wide.
        ratio_ln_sd: spread of ln w; 95 % of the ratios within 1.2 and 2.4.
        noise: median s, the standard deviation of ln pressure between a client's own answers (Balaguier: ICC
            0.85-0.99).
        noise_ln_sd: spread of ln s between people.
        area_exponent: T falls with tip area A as A^-0.49 (Defrin: 406 to 205 kPa from 0.5 to 2 cm²).
        lapse: share of answers that have nothing to do with the pressure (a wrong key, a slip). A choice.
        reaction_s: mean time from feeling to a mark on record, in s. A choice: a client's button is faster, a
            word that the therapist types slower.
        visit_sd: change of ln T from one visit to the next (ICC 0.75-0.95 over a week: 0.45 * sqrt(1 - 0.9) =
            0.14).
        population_share: how far a new visit leans back to the population, 0 to 1. A choice.
        easing_ln: how much ln T rises in one visit (Geri: +28 kPa; Wilke: 2.6 to 3.0 kg/cm²).
        easing_ln_sd: its spread.
        easing_s: the time constant of that rise, in s. A guess.
    """

    threshold_kpa: float = 225.0
    threshold_ln_sd: float = 0.45
    ratio_ln: float = 0.40
    ratio_ln_sd: float = 0.40
    noise: float = 0.12
    noise_ln_sd: float = 0.40
    area_exponent: float = 0.49
    lapse: float = 0.03
    reaction_s: float = 0.5
    visit_sd: float = 0.15
    population_share: float = 0.1
    easing_ln: float = 0.13
    easing_ln_sd: float = 0.08
    easing_s: float = 240.0

    def centre_ln(self, tip_area_cm2: float) -> float:
        """Median of ln T_lo (T in kPa) under a tip of this area.

        Raises:
            BandError: the area is not a number above 0.
        """
        if not 0 < tip_area_cm2 < math.inf:
            raise BandError(f"the tip area must be above 0 cm², not {tip_area_cm2:g}")
        return math.log(self.threshold_kpa) - self.area_exponent * math.log(tip_area_cm2)

    def eased(self, time_s: float) -> float:
        """Share of a visit's easing that has come about `time_s` after its start, 0 to 1."""
        return -math.expm1(-time_s / self.easing_s)


POPULATION = Priors()
