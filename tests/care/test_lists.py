"""The list of questions and the rules, as they come and as a therapist edits them."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.care import (
    CareError,
    CareFileError,
    CheckItem,
    CheckLevel,
    answer,
    ceiling_for,
    checks_from_toml,
)
from feedback.care.rules import rules_from_toml
from feedback.care.shipped import checks, rules, shipped_text

ONE = '[[check]]\nkey = "fever"\nquestion = "Fever?"\nmeans = "Wait."\n'


def test_the_questions_that_come_with_it_say_what_they_mean_and_where_that_comes_from():
    items = checks()
    keys = {item.key for item in items}
    assert {"fever", "injury", "anticoagulants", "numbness", "pregnancy"} <= keys
    assert all(item.question.endswith("?") and item.means.endswith(".") and item.source for item in items)
    assert {item.level for item in items} == set(CheckLevel)


def test_the_rules_that_come_with_it_are_the_defaults_with_their_sources():
    found = rules()
    assert (found.plan.visits, found.plan.weeks_min, found.plan.weeks_max) == (4, 2, 6)
    assert (found.response.after_visits, found.response.rating_points, found.response.threshold_kpa) == (
        2,
        2.0,
        160.0,
    )
    assert "25925018" in found.response.threshold_source
    assert "Delgado" in found.response.rating_source
    assert {figure.kpa for figure in found.detectable} == {160.0, 173.6, 147.1, 156.9, 126.5}
    assert all(figure.source for figure in found.detectable)


def test_an_own_list_replaces_the_questions_and_an_own_rule_changes_only_what_it_says(tmp_path):
    (tmp_path / "check.toml").write_text(ONE)
    (tmp_path / "care.toml").write_text('[response]\nthreshold = "chesterton-2007"\n[plan]\nvisits = 6\n')
    assert checks(tmp_path) == (CheckItem("fever", "Fever?", "Wait."),)
    own, usual = rules(tmp_path), rules()
    assert own.response.threshold_kpa == 173.6
    assert "Chesterton" in own.response.threshold_source
    assert (own.plan.visits, own.plan.weeks_max) == (6, 6)
    assert own.hands == usual.hands


def test_without_an_own_file_those_that_come_with_it_are_in_force(tmp_path):
    assert checks(tmp_path) == checks()
    assert rules(tmp_path) == rules()


def test_a_shipped_file_copied_and_left_as_it_is_changes_nothing(tmp_path):
    for name in ("check.toml", "care.toml"):
        (tmp_path / name).write_text(shipped_text(name), "utf-8")
    assert checks(tmp_path) == checks()
    assert rules(tmp_path) == rules()
    shutil.rmtree(tmp_path)


def test_a_number_of_ones_own_is_marked_as_such():
    found = rules_from_toml("[response]\nthreshold_kpa = 200\n", "care.toml")
    assert (found.response.threshold_kpa, found.response.threshold_source) == (200.0, "set by the therapist")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[check]", "not valid TOML"),
        ("[rules]\n", "rules is not known"),
        ('check = "fever"', "write [[check]]"),
        ('check = ["fever"]', "check 1 must be a table"),
        ('[[check]]\nkey = "fever"\nquestion = "Fever?"\n', "check 1: means"),
        (ONE + 'level = "never"\n', "check 1: level must be one of note, care, ask first"),
        (ONE + 'why = "x"\n', "check 1: why is not known"),
        (ONE + ONE, "check 2: key “fever” is there twice"),
        ('[[check]]\nkey = 3\nquestion = "Fever?"\nmeans = "Wait."\n', "check 1: key must be text"),
    ],
)
def test_a_list_that_cannot_be_used_names_the_place(text, says):
    with pytest.raises(CareFileError) as error:
        checks_from_toml(text, "my/check.toml")
    assert says in str(error.value)
    assert "my/check.toml" in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[plan", "not valid TOML"),
        ("[goal]\n", "goal is not known"),
        ("plan = 4\n", "plan must be a table"),
        ("[plan]\nvisit = 4\n", "plan.visit is not known; there are visits"),
        ('[plan]\nvisits = "4"\n', "plan.visits must be a whole number"),
        ("[plan]\nvisits = true\n", "plan.visits must be a whole number"),
        ("[plan]\nvisits = 0\n", "plan cannot be used: a plan has 1 to 100 visits"),
        ("[plan]\nhomework = [1]\n", "plan.homework must be a list of texts"),
        ('[response]\nthreshold = "x"\n', "“x” is no figure known; there are pmid-25925018"),
        ('[response]\nthreshold = "pmid-25925018"\nthreshold_kpa = 3\n', "both given"),
        ("[response]\nthreshold_kpa = nan\n", "response cannot be used"),
        ("[response]\nrating_points = 12\n", "response cannot be used"),
        (f"[response]\nrating_points = 1{'0' * 400}\n", "response.rating_points must be a number"),
        ("[hands]\ngrowth = 0.5\n", "hands cannot be used"),
        ("detectable_change = 3\n", "write [[detectable_change]]"),
        ('[[detectable_change]]\nkey = "x"\nkpa = 3\n', "needs key, kpa and source"),
        (
            '[[detectable_change]]\nkey = "x"\nkpa = 0\nsource = ""\n',
            "detectable_change 1: kpa must be a number above 0",
        ),
    ],
)
def test_rules_that_cannot_be_used_name_the_place(tmp_path, text, says):
    (tmp_path / "care.toml").write_text(text)
    with pytest.raises(CareFileError) as error:
        rules(tmp_path)
    assert says in str(error.value)
    assert str(tmp_path / "care.toml") in str(error.value)


def test_a_file_that_is_no_text_is_told(tmp_path):
    (tmp_path / "check.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CareFileError, match="cannot be read"):
        checks(tmp_path)


@given(st.text(max_size=200))
def test_any_text_is_a_list_or_a_sentence(text):
    for read in (checks_from_toml, rules_from_toml):
        said = "in file"
        try:
            read(text, "file")
        except CareFileError as error:
            said = str(error)
        assert said.startswith("in file")


@given(
    st.recursive(
        st.booleans()
        | st.integers(-5, 5)
        | st.floats(allow_infinity=False)
        | st.sampled_from(["", "note", "x"]),
        lambda inner: st.lists(inner, max_size=2),
        max_leaves=4,
    ),
    st.sampled_from(["key", "question", "means", "level", "source", "other"]),
)
def test_any_value_under_any_key_is_a_list_or_a_sentence(value, key):
    import json

    text = f"[[check]]\n{key} = {json.dumps(value)}\n".replace("NaN", "nan")
    with pytest.raises(CareFileError):
        checks_from_toml(text, "file")


def test_an_answer_keeps_the_words_that_were_read_out():
    item = checks()[0]
    given_answer = answer(item, True, "since yesterday")
    assert (given_answer.question, given_answer.means, given_answer.level) == (
        item.question,
        item.means,
        item.level,
    )


@given(st.floats(1, 1000), st.lists(st.floats(0.01, 1), max_size=5))
def test_the_most_careful_site_lowers_the_ceiling_and_none_raises_it(default_kpa, shares):
    ceiling = ceiling_for(default_kpa, shares)
    assert ceiling == default_kpa * min([1.0, *shares])
    assert 0 < ceiling <= default_kpa


@pytest.mark.parametrize(("default_kpa", "shares"), [(0, ()), (float("nan"), ()), (400, (0,)), (400, (1.1,))])
def test_a_ceiling_that_is_none_is_refused(default_kpa, shares):
    with pytest.raises(CareError):
        ceiling_for(default_kpa, shares)
