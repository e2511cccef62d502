"""The good-pain band: the pressures that this client, at this point, with this applicator, calls good pain."""

from feedback.band.edges import Band, BandError

__all__ = ["Band", "BandError"]
