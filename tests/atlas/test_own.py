"""The user's own page: what it may add and change, and how it complains."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.atlas import Atlas, AtlasError, load_atlas
from feedback.atlas.joining import join
from feedback.atlas.reading import page_from_toml
from feedback.atlas.shipped import shipped_pages
from feedback.points import Point
from firmware_bridge.toml_text import toml_value
from tests.terminal import run

SHIPPED_PAGES = shipped_pages()
OWN = """
[source.mine]
url = "https://example.org/fhl"
title = "My notes"

[[muscle]]
name = "Flexor hallucis longus"
other_names = ["FHL"]
region = "lower leg"
area = "calf"
sources = ["mine"]
cautions = ["behind-ankle"]
[[muscle.point]]
label = "low calf"
where = "Deep in the outer calf, a hand above the heel."
refers = "Under the big toe."

[[muscle]]
name = "infraspinatus"
other_names = ["infraspin"]
[[muscle.point]]
label = "My own"
where = "Beside the scar."
refers = "Wrist."
cautions = ["armpit"]
[[muscle.point]]
label = "Near the inner edge"
where = "Said otherwise."
refers = "The edge."

[[caution]]
key = "behind-ankle"
name = "behind the ankle"
why = "A nerve runs here."
where = "Behind the inner ankle."
ceiling_share = 0.5
areas = ["heel"]

[[caution]]
key = "back-of-knee"
ceiling_share = 0.15
"""


def load(folder: Path, text: str) -> Atlas:
    path = folder / "atlas.toml"
    path.write_text(text, "utf-8")
    return load_atlas(path)


def complaint(folder: Path, text: str) -> str:
    with pytest.raises(AtlasError) as caught:
        load(folder, text)
    sentence = str(caught.value)
    assert str(folder / "atlas.toml") in sentence
    assert "\n" not in sentence
    return sentence


def test_no_own_page_is_the_shipped_atlas(tmp_path: Path, atlas: Atlas) -> None:
    assert load_atlas(tmp_path / "atlas.toml").muscles == atlas.muscles


def test_an_own_muscle_is_searched_offered_and_read_like_any_other(tmp_path: Path) -> None:
    atlas = load(tmp_path, OWN)
    fhl = atlas.muscle("FHL")
    assert fhl is not None
    assert fhl.own
    assert fhl.name == "flexor hallucis longus"
    assert not fhl.checked
    assert [str(source) for source in fhl.sources] == ["My notes, https://example.org/fhl"]
    assert atlas.offers("fhl l")[0] == Point("flexor hallucis longus", "left")
    assert atlas.parse("fhl, left, low calf") == Point("flexor hallucis longus", "left", "low calf")
    assert [site.key for site in atlas.cautions(Point("flexor hallucis longus"))] == ["behind-ankle"]


def test_own_entries_add_to_a_shipped_muscle_and_replace_points_of_the_same_label(
    tmp_path: Path, atlas: Atlas
) -> None:
    shipped, changed = atlas.muscle("infraspinatus"), load(tmp_path, OWN).muscle("infraspinatus")
    assert shipped is not None
    assert changed is not None
    assert changed.own
    assert not shipped.own
    assert changed.other_names == (*shipped.other_names, "infraspin")
    assert changed.sources == shipped.sources
    assert {point.label for point in changed.points} == {
        "below the blade's spine",
        "My own",
        "Near the inner edge",
    }
    assert next(point.where for point in changed.points if "edge" in point.label) == "Said otherwise."


def test_the_share_of_a_shipped_caution_site_can_be_set(tmp_path: Path, atlas: Atlas) -> None:
    shipped, changed = atlas.site("back-of-knee"), load(tmp_path, OWN).site("back-of-knee")
    assert shipped is not None
    assert changed is not None
    assert changed.ceiling_share == 0.15
    assert (changed.name, changed.why, changed.sources) == (shipped.name, shipped.why, shipped.sources)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[muscle", "not valid TOML"),
        ("muscle = 3", "must be tables"),
        ("[[muscles]]", "“muscles” is not a key here"),
        ("[figure]\nfront = []", "“figure” is not a key here"),
        ("[[muscle]]\nregion = 'leg'", "muscle 1: name is missing"),
        ("[[muscle]]\nname = 'new one'", "muscle “new one”: region is missing"),
        ("[[muscle]]\nname = 'new one'\nregion = 'leg'\narea = 'leg'", "area names “leg”: use one of temple"),
        ("[[muscle]]\nname = 'soleus'\nareas = ['calf']", "“areas” is not a key here"),
        ("[[muscle]]\nname = 'soleus'\nsides = 'both'", "sides is “both”: use “left and right”"),
        ("[[muscle]]\nname = 'soleus'\ncautions = ['knee']", "cautions names “knee”: use one of"),
        ("[[muscle]]\nname = 'soleus'\ncautions = 'knee'", "must be a list of texts"),
        ("[[muscle]]\nname = 'soleus'\nsources = ['mine']", "there is no [source.mine]"),
        ("[[muscle]]\nname = 'soleus'\nchecked = 'yes'", "checked must be true or false"),
        ("[[muscle]]\nname = 'a, b'", "no comma"),
        ("[[muscle]]\nname = 'soleus'\n[[muscle]]\nname = 'Soleus'", "there twice"),
        ("[[muscle]]\nname = 'soleus'\nother_names = ['gastrocnemius']", "a muscle's own name"),
        ("[[muscle]]\nname = 'soleus'\nother_names = ['ql']", "quadratus lumborum"),
        (
            "[[muscle]]\nname = 'soleus'\n[[muscle.point]]\nlabel = 'x'\nwhere = 'y.'",
            "point 1: refers is missing",
        ),
        (
            "[[muscle]]\nname = 'soleus'\n"
            + 2 * "[[muscle.point]]\nlabel = 'x'\nwhere = 'y'\nrefers = 'z'\n",
            "two points have the label “x”",
        ),
        (
            "[[caution]]\nkey = 'back-of-knee'\nceiling_share = 1.5",
            "caution “back-of-knee”: ceiling_share must be",
        ),
        ("[[caution]]\nkey = 'back-of-knee'\nceiling_share = nan", "ceiling_share must be"),
        ("[[caution]]\nkey = 'new'\nname = 'n'", "caution “new”: why is missing"),
        ("[source.x]\nurl = 'u'", "source, x: title is missing"),
        ('[[muscle]]\nname = "a\\u0000b"', "cannot be shown, U+0000 in “name”"),
    ],
)
def test_a_mistake_is_told_with_file_place_and_reason(tmp_path: Path, text: str, says: str) -> None:
    assert says in complaint(tmp_path, text)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    path = tmp_path / "atlas.toml"
    path.write_bytes(b"\xff\xfe\x00muscle")
    with pytest.raises(AtlasError, match="cannot be read"):
        load_atlas(path)


def test_the_program_says_it_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "atlas.toml").write_text("[[muscle]]\nname = 'soleus'\nareas = 3", "utf-8")
    code, out, err = run("muscles", "soleus", "--data", str(tmp_path))
    assert (code, out) == (1, "")
    assert err.startswith(f"goodpain: in {tmp_path}/atlas.toml, muscle “soleus”: “areas” is not a key here")
    assert len(err.splitlines()) == 1


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text("ab, /\x00é", max_size=4)
    | st.sampled_from(["soleus", "calf", "groin", "left and right", "middle", "back-of-knee"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["name", "key", "region", "area", "areas", "sides", "other_names", "cautions", "pain_areas", "sources",
             "checked", "point", "label", "where", "refers", "why", "ceiling_share", "url", "title", "other"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


def as_toml(value: object) -> str:
    """Any value inline; TOML has no null, which is left to be invalid."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {as_toml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return "null" if value is None else toml_value(value)


@given(
    st.dictionaries(
        st.sampled_from(["muscle", "caution", "source", "area", "figure", "x"]), values, max_size=3
    )
)
def test_any_page_is_used_or_refused_with_a_sentence(content: dict[str, object]) -> None:
    text = "\n".join(f"{key} = {as_toml(value)}" for key, value in content.items())
    with contextlib.suppress(AtlasError):
        page = page_from_toml(text, "own.toml", own=True)
        join(SHIPPED_PAGES, page).search("soleus")


@given(st.text(max_size=60))
def test_any_text_is_used_or_refused_with_a_sentence(text: str) -> None:
    with contextlib.suppress(AtlasError):
        page_from_toml(text, "own.toml")


def test_the_command_finds_writes_out_and_gives_json(tmp_path: Path) -> None:
    (tmp_path / "atlas.toml").write_text(OWN, "utf-8")
    code, out, err = run("muscles", "biceps", "fem", "--data", str(tmp_path))
    assert (code, err) == (0, "")
    assert "biceps femoris" in out
    assert "take care (outer lower thigh): back of the knee." in out
    assert "read in Niel Asher" in out
    code, out, _ = run("muscles", "--data", str(tmp_path))
    assert (code, "flexor hallucis longus" in out) == (0, True)
    code, out, _ = run("muscles", "headache", "--json", "--data", str(tmp_path))
    found = json.loads(out)["muscles"]
    assert code == 0
    assert {"upper trapezius", "occipitalis"} <= {muscle["name"] for muscle in found}
    occipitalis = next(muscle for muscle in found if muscle["name"] == "occipitalis")
    assert occipitalis["checked"] is False
    assert occipitalis["found_by"] == "referred pain"
    code, out, err = run("muscles", "xyzzy", "--data", str(tmp_path))
    assert (code, out) == (1, "")
    assert "xyzzy" in err


def test_what_is_not_verified_says_so_on_screen(tmp_path: Path) -> None:
    _, out, _ = run("muscles", "occipitalis", "--data", str(tmp_path))
    assert "not verified" in out


def test_the_example_of_the_documentation_is_used_as_it_stands(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "atlas.md").read_text("utf-8")
    atlas = load(tmp_path, page.split("```toml\n")[1].split("```")[0])
    assert atlas.parse("FHL l, low calf") == Point("flexor hallucis longus", "left", "low calf")
    assert atlas.atlas_point(Point("infraspinatus", "left", "beside the scar"))
