"""Options as people write them."""

from __future__ import annotations

import json
from importlib.metadata import version

import pytest

from tests.terminal import run


def test_numbers_may_have_a_decimal_comma(tmp_path):
    visit = [
        "--client",
        "K-07",
        "--point",
        "soleus",
        "--area",
        "1,5",
        "--ceiling",
        "3,2",
        "--band",
        "1,5-2,5",
    ]
    code, _, err = run("record", "--sensor", "sim://quiet?speed=20", "--for", "1", *visit, "--data", tmp_path)
    assert code == 0, err
    code, out, err = run("history", "--json", "--data", tmp_path)
    assert code == 0, err
    assert json.loads(out)["sessions"][0]["tip_area_cm2"] == 1.5


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--area", "wide"], "“wide” is not a number"),
        (["--area", "1,2,3"], "“1,2,3” is not a number"),
        (["--ceiling", "-1,5"], "a ceiling of -1.5 cannot be"),
        (["--area", "nan"], "a tip area of nan cm² cannot be"),
    ],
)
def test_what_is_no_number_is_one_sentence(tmp_path, options, complaint):
    code, out, err = run("record", "--sensor", "sim://quiet", *options, "--data", tmp_path)
    assert code != 0
    assert out == ""
    assert complaint in err
    assert "Traceback" not in err


def test_the_version_is_that_of_the_package():
    code, out, err = run("--version")
    assert code == 0, err
    assert out == f"goodpain, version {version('goodpain')}\n"
