"""The good-pain band: the pressures that this client, at this point, with this applicator, calls good pain."""

from feedback.band.course import Course, CourseKind, Felt, course_of
from feedback.band.edges import Band, BandError
from feedback.band.estimate import Advice, BandEstimate, Manner, Told
from feedback.band.learned import LearnedBand
from feedback.band.model import ALPHA, GoodPainBand
from feedback.band.source import BandNow, BandSource, SetBand
from feedback.band.store import BandModelError

__all__ = [
    "ALPHA",
    "Advice",
    "Band",
    "BandError",
    "BandEstimate",
    "BandModelError",
    "BandNow",
    "BandSource",
    "Course",
    "CourseKind",
    "Felt",
    "GoodPainBand",
    "LearnedBand",
    "Manner",
    "SetBand",
    "Told",
    "course_of",
]
