import pytest

from feedback.care import FACTORS, PAIN_AREAS, Assessment, CareError, Factor, Finding, FindingKind, PainArea


def test_nothing_is_compulsory():
    assert Assessment().empty
    assert Assessment(note="  ").empty
    assert not Assessment(factors=(Factor("sleep"),)).empty
    assert PainArea("neck").now is None
    assert Finding(FindingKind.GAIT).area == ""


def test_the_usual_areas_and_factors_are_offered():
    assert {"neck", "low back", "hip", "shoulder", "elbow", "knee"} <= set(PAIN_AREAS)
    assert FACTORS == ("hydration", "nutrition", "breathing", "stress", "sleep", "work posture")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: PainArea(""),
        lambda: PainArea("neck", "up"),
        lambda: PainArea("neck", now=11),
        lambda: PainArea("neck", usual=-1),
        lambda: Finding(FindingKind.ISCHEMIA, " ", side="left"),
        lambda: Factor(" "),
    ],
)
def test_what_is_not_allowed_is_refused_in_a_sentence(wrong):
    with pytest.raises(CareError):
        wrong()
