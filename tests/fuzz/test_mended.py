"""What the fuzzers broke: refused in a sentence, or taken and good, ever since."""

from __future__ import annotations

import pytest

from feedback.atlas.model import AtlasError
from feedback.atlas.reading import page_from_toml
from feedback.care.check import checks_from_toml
from feedback.care.errors import CareFileError
from feedback.care.rules import rules_from_toml
from feedback.coach.technique import TechniqueError, technique_from_toml
from feedback.drills import DrillError
from feedback.drills.reading import drill_from_toml
from feedback.units import KG_PER_CM2
from firmware_bridge import calibration
from firmware_bridge.errors import CalibrationError
from tui.settings import Settings, SettingsError, load_settings
from tui.wanted import WantedError, ceiling_of, visit_from

BEYOND = [f"volume = {'[' * 3000}{']' * 3000}", f"volume = {'9' * 5000}", f"volume = {'9' * 400}"]
CALIBRATION = 'serial = "A"\nzero_counts = 0\ncounts_per_n = 4000\n'


@pytest.mark.parametrize("text", BEYOND)
def test_a_text_file_with_something_beyond_all_measure_is_refused(text, tmp_path):
    path = tmp_path / "f.toml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        load_settings(path)
    with pytest.raises(CalibrationError):
        calibration.load(path)
    for read, error in (
        (page_from_toml, AtlasError),
        (checks_from_toml, CareFileError),
        (rules_from_toml, CareFileError),
        (technique_from_toml, TechniqueError),
        (drill_from_toml, DrillError),
    ):
        with pytest.raises(error, match=r"f\.toml"):
            read(text, "f.toml")


@pytest.mark.parametrize("ceiling", ["ceiling", "practise_ceiling"])
def test_a_ceiling_without_end_is_no_ceiling(ceiling, tmp_path):
    path = tmp_path / "config.toml"
    path.write_text(f"{ceiling} = 1e308")
    with pytest.raises(SettingsError, match=ceiling):
        load_settings(path)


@pytest.mark.parametrize(
    "changed",
    [
        ("counts_per_n = 4000", "counts_per_n = 5e-324"),
        ("zero_counts = 0", "zero_counts = 1e308"),
        ("zero_counts = 0", "zero_counts = -1e308"),
    ],
)
def test_a_calibration_whose_forces_have_no_end_is_refused(changed, tmp_path):
    path = tmp_path / "A.toml"
    path.write_text(CALIBRATION.replace(*changed))
    with pytest.raises(CalibrationError, match="counts_per_n"):
        calibration.load(path)


@pytest.mark.parametrize(
    "more",
    [
        '[[points]]\nload = "x"\nforce_n = 1.0\ncounts = 1\nsamples = 1e308\n',
        '[[points]]\nload = "x"\nforce_n = 1.0\ncounts = 1\nsamples = 0.5\n',
        "[uncertainty]\nforce_n = [0, 1]\nexpanded_n = [0.1, 0.1]\n[tips]\nprobe = 0.0\n",
        "[tips]\nprobe = -1\n",
    ],
)
def test_a_calibration_that_could_not_be_saved_again_is_not_taken(more, tmp_path):
    path = tmp_path / "A.toml"
    path.write_text(CALIBRATION + more)
    with pytest.raises(CalibrationError):
        calibration.load(path)


def test_a_ceiling_that_is_too_large_for_a_float_in_kpa_is_none():
    with pytest.raises(WantedError):
        ceiling_of("1e308", KG_PER_CM2)
    nothing = dict.fromkeys(("client", "point", "applicator", "area_cm2", "band"))
    with pytest.raises(WantedError):
        visit_from(Settings(), **nothing, ceiling=1e308)
