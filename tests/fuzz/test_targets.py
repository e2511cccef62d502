"""What the fuzzers have found so far, and some more bytes, through every target."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import CORPUS
from tests.fuzz.targets import TARGETS

WITH_A_RECORD = ("damaged", "rescue", "export", "zip", "command", "sealed")


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in WITH_A_RECORD])
def test_the_corpus_breaks_nothing(name, tmp_path):
    for file in sorted((CORPUS / name).glob("*")):
        TARGETS[name](file.read_bytes(), tmp_path)


@pytest.mark.parametrize("name", [name for name in TARGETS if name not in WITH_A_RECORD])
def test_no_bytes_break_anything(name, tmp_path_factory):
    folder = tmp_path_factory.mktemp(name)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=4, max_size=60))
    def run(data: bytes) -> None:
        TARGETS[name](data, folder)

    run()


@pytest.mark.parametrize("name", WITH_A_RECORD)
def test_a_few_files_of_the_corpus_break_no_record(name, tmp_path):
    for file in sorted((CORPUS / name).glob("*"))[:3]:
        TARGETS[name](file.read_bytes(), tmp_path)
