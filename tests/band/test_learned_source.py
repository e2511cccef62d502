from feedback.band import GoodPainBand, LearnedBand, Manner
from feedback.comfort import Report, ReportKind


def learned() -> LearnedBand:
    return LearnedBand(GoodPainBand.start(ceiling_kpa=600.0))


def test_before_a_band_it_says_what_would_settle_it_and_what_to_stay_below():
    now = learned().now()
    assert now.band is None
    assert now.line.startswith("still learning: press slowly")
    assert now.target_kpa < now.stay_below_kpa


def test_a_mark_brings_a_band_with_a_target_inside_it():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    now = source.now()
    assert now.band.lower_kpa < now.target_kpa < now.band.upper_kpa
    assert now.line == "from 1 mark today"


def test_a_report_without_a_pressure_leaves_the_band_and_says_why():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    before = source.now()
    source.heard(Report(ReportKind.GOOD, 2.0), None, 0.0)
    assert source.now() == before
    assert "no good pressure" in source.refused
    source.heard(Report(ReportKind.GOOD, 3.0), 210.0, 0.0)
    assert source.refused == ""


def test_a_question_comes_after_some_seconds_under_a_telling_pressure_and_goes_with_the_answer():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    assert source.now().ask == ""
    for _ in range(100):
        source.felt(210.0, 0.1)
    assert "too much?" in source.now().ask
    source.heard(Report(ReportKind.GOOD, 12.0), 210.0, 0.0)
    assert source.now().ask == ""


def test_the_band_does_not_move_with_every_sample_but_time_counts_when_the_client_speaks():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    before = source.now().band
    for _ in range(1000):
        source.felt(210.0, 0.1)
    assert source.now().band == before
    assert source.model.eased_s > 99


def test_stop_takes_the_target_away_until_somebody_resumes():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    source.heard(Report(ReportKind.STOP, 2.0), None, 0.0)
    assert source.now().target_kpa is None
    assert "stop" in source.now().line
    source.resume()
    assert source.now().target_kpa is not None


def test_the_manner_can_be_changed():
    source = learned()
    source.heard(Report(ReportKind.THERE, 1.0), 200.0, 30.0)
    treat = source.now().target_kpa
    source.manner = Manner.LEARN
    assert source.now().target_kpa != treat
