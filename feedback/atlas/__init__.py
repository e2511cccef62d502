"""The atlas: what is usually known of muscles, their trigger points, and places that ask for care.

    Atlas, load_atlas          the whole, shipped and own
    Muscle, AtlasPoint         a muscle and its usual trigger points
    CautionSite                a place that asks for special care
    BodyArea                   a part of the body's surface, for the body map
    Found                      a muscle that fits what was typed
    AtlasError                 data that cannot be used (ValueError)

It describes what is taught; it is no medical advice.
"""

from feedback.atlas.atlas import Atlas
from feedback.atlas.model import (
    PAIRED as PAIRED_SIDES,
)
from feedback.atlas.model import (
    VIEWS,
    AtlasError,
    AtlasPoint,
    BodyArea,
    CautionSite,
    Found,
    Muscle,
    Outline,
    Source,
    View,
)
from feedback.atlas.shipped import load_atlas

__all__ = [
    "PAIRED_SIDES",
    "VIEWS",
    "Atlas",
    "AtlasError",
    "AtlasPoint",
    "BodyArea",
    "CautionSite",
    "Found",
    "Muscle",
    "Outline",
    "Source",
    "View",
    "load_atlas",
]
