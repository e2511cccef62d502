from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.coach import (
    ReleaseSettings,
    Technique,
    TechniqueError,
    TechniqueKind,
    ThresholdSettings,
    technique_from_toml,
)
from feedback.coach.shipped import techniques
from feedback.coach.technique import SETTINGS, FreeSettings, PressesSettings

GOOD = 'name = "mine"\ntitle = "Mine"\nkind = "{kind}"\n[settings]\n{settings}\n'


def read(settings="", kind="release"):
    return technique_from_toml(GOOD.format(kind=kind, settings=settings), "mine.toml")


def test_all_kinds_are_shipped_with_their_sources_and_both_rates_of_measuring():
    shipped = techniques()
    assert {t.kind for t in shipped.values()} == set(TechniqueKind)
    assert all(t.sources and t.about and t.title for t in shipped.values())
    rates = {
        (t.settings.rate_n_per_s, t.settings.rate_kpa_per_s)
        for t in shipped.values()
        if isinstance(t.settings, ThresholdSettings)
    }
    assert rates == {(5.0, None), (None, 98.0665)}
    assert any("not verified" in source for source in shipped["sustained-release"].sources)


def test_a_shipped_file_says_every_number_that_can_be_set():
    shipped = techniques()
    assert shipped["sustained-release"].settings == ReleaseSettings()
    assert shipped["short-presses"].settings == PressesSettings()


def test_what_is_left_out_keeps_its_value():
    technique = read("hold_s = 45")
    assert technique.settings == ReleaseSettings(hold_s=45.0)
    assert isinstance(technique.settings.hold_s, float)


@pytest.mark.parametrize(
    ("settings", "kind", "key", "reason"),
    [
        ("hold = 45", "release", "settings.hold", "not known"),
        ('hold_s = "45"', "release", "hold_s", "a number"),
        ("rounds = 2.0", "release", "rounds", "whole number"),
        ("rounds = true", "release", "rounds", "whole number"),
        ("rounds = 0", "release", "rounds", "from 1 to 10"),
        ("ramp_kpa_per_s = nan", "release", "ramp_kpa_per_s", "from 1 to 500"),
        ("hold_s = inf", "release", "hold_s", "from 1 to 600"),
        ("hold_min_s = 70", "release", "hold_s", "hold_min_s"),
        ("hold_s = 100", "release", "hold_s", "hold_max_s"),
        ("repeats = 3", "threshold", "rate_n_per_s", "one of the two"),
        ("rate_n_per_s = 5\nrate_kpa_per_s = 50", "threshold", "rate_n_per_s", "one of the two"),
        ("rate_n_per_s = 5\nrepeats = 1\ndrop_first = true", "threshold", "drop_first", "two repeats"),
        ("rate_n_per_s = 5\ndrop_first = 1", "threshold", "drop_first", "true or false"),
        ("hold_min_s = 20", "presses", "hold_min_s", "hold_s"),
        ("hold_s = 3", "free", "settings.hold_s", "not known"),
        ("rounds = 3", "squeeze", "kind", "release, threshold, presses, free"),
        ("hold_s = " + "9" * 400, "release", "hold_s", "from 1 to 600"),
    ],
)
def test_what_cannot_be_is_refused_with_file_key_and_reason(settings, kind, key, reason):
    with pytest.raises(TechniqueError) as error:
        read(settings, kind)
    text = str(error.value)
    assert text.startswith(f"mine.toml: {key}: ")
    assert reason in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = ", "not TOML"),
        ("[" * 2000, "mine.toml"),
        ('title = "x"\nkind = "free"', "name: is missing"),
        ('name = "My One"\ntitle = "x"\nkind = "free"', "small letters"),
        ('name = "a"\ntitle = " "\nkind = "free"', "title: must be a text"),
        ('name = "a"\ntitle = "x"\nkind = "free"\nsources = "book"', "sources: must be a list"),
        ('name = "a"\ntitle = "x"\nkind = "free"\nsettings = 3', "settings: must be a table"),
        ('name = "a"\ntitle = "x"\nkind = "free"\ncolour = "red"', "colour: is not known"),
    ],
)
def test_a_file_that_is_no_technique_is_refused_in_one_sentence(text, said):
    with pytest.raises(TechniqueError, match=said):
        technique_from_toml(text, "mine.toml")


values = st.one_of(st.booleans(), st.integers(-5, 700), st.floats(-5, 700), st.just('"x"'), st.just("[]"))
keys = st.sampled_from(sorted({f.name for cls in SETTINGS.values() for f in fields(cls)} | {"foo"}))


@given(st.sampled_from(TechniqueKind), st.dictionaries(keys, values, max_size=4))
def test_whatever_a_file_says_it_is_a_technique_within_its_ranges_or_refused_by_name(kind, settings):
    lines = "\n".join(f"{k} = {str(v).lower() if isinstance(v, bool) else v}" for k, v in settings.items())
    try:
        technique = read(lines, kind.value)
    except TechniqueError as error:
        refused = str(error)
    else:
        refused = ""
    if refused:
        assert refused.startswith("mine.toml: ")
        return
    for f in fields(technique.settings):
        value = getattr(technique.settings, f.name)
        assert value is None or "low" not in f.metadata or f.metadata["low"] <= value <= f.metadata["high"]
    assert set(settings) <= {f.name for f in fields(technique.settings)}


@given(st.text(max_size=60))
def test_any_text_at_all_is_refused_by_name(text):
    with pytest.raises(TechniqueError, match=r"^mine\.toml: "):
        technique_from_toml(text, "mine.toml")


def test_settings_of_another_kind_are_refused():
    with pytest.raises(TechniqueError, match="kind"):
        Technique("a", "A", TechniqueKind.RELEASE, FreeSettings())


def write(folder, file, name, hold_s=20):
    text = f'name = "{name}"\ntitle = "T"\nkind = "release"\n[settings]\nhold_min_s = 10\nhold_s = {hold_s}\n'
    (folder / file).write_text(text, encoding="utf-8")


def test_an_own_technique_is_added_and_one_with_a_shipped_name_takes_its_place(tmp_path):
    write(tmp_path, "a.toml", "mine")
    write(tmp_path, "b.toml", "sustained-release", 25)
    (tmp_path / "notes.txt").write_text("not one")
    found = techniques(tmp_path)
    assert found["mine"].settings.hold_s == 20
    assert found["sustained-release"].settings.hold_s == 25
    assert set(found) == {*techniques(), "mine"}


def test_a_folder_that_is_not_there_holds_none(tmp_path):
    assert techniques(tmp_path / "no") == techniques()


def test_two_own_files_with_one_name_and_files_that_are_no_text_are_refused_by_name(tmp_path):
    write(tmp_path, "a.toml", "mine")
    write(tmp_path, "b.toml", "mine")
    with pytest.raises(TechniqueError, match=r"b\.toml: name: .*a\.toml"):
        techniques(tmp_path)
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(TechniqueError, match=r"b\.toml: is not UTF-8"):
        techniques(tmp_path)
    (tmp_path / "b.toml").unlink()
    (tmp_path / "b.toml").mkdir()
    with pytest.raises(TechniqueError, match=r"b\.toml: cannot be read"):
        techniques(tmp_path)


def test_the_example_in_the_manual_is_a_technique():
    manual = (Path(__file__).parents[2] / "docs" / "coach.md").read_text(encoding="utf-8")
    example = manual.split("```toml\n")[1].split("```")[0]
    assert technique_from_toml(example, "coach.md").settings.hold_s == 40
