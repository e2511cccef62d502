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


def told(source: LearnedBand, count: int) -> list[Report]:
    """Ratings of a long visit, with time under pressure, other ceilings and stops between them."""
    reports: list[Report] = []
    for i in range(count):
        source.felt(200.0 + i % 40, 2.0)
        if i % 50 == 20:
            source.set_ceiling(500.0 + i)
        kind = ReportKind.STOP if i % 70 == 30 else ReportKind.RATING
        reports.append(Report(kind, float(i), 3 + i % 5 if kind is ReportKind.RATING else None))
        source.heard(reports[-1], 200.0 + i % 40, 0.0)
        if i % 70 == 31:
            source.resume()
        if i % 7 == 0:
            source.learned()
    return reports


def test_a_long_visit_keeps_few_models_however_much_is_said():
    source = learned()
    told(source, 150)
    few = source._past.models
    assert few <= 8 + 1 + 8
    told(source, 450)
    assert source._past.models <= few + 2


def test_reports_of_a_long_visit_are_taken_back_one_by_one_to_what_was_known_before_each(monkeypatch):
    source, rich = learned(), learned()
    reports = told(source, 150)
    # The one that keeps every model has nothing to work out.
    monkeypatch.setattr("feedback.band.past.NEWEST", 1000)
    told(rich, 150)
    assert rich._past.models > 150
    assert source.learned() == rich.learned()
    monkeypatch.undo()
    for report in reversed(reports[20:]):
        source.took_back(report)
        rich.took_back(report)
        assert (source.model.mass == rich.model.mass).all()
    assert source.learned() == rich.learned()
    assert source.now() == rich.now()
    assert source._past.models <= 8 + 2 + 2


def test_what_was_heard_before_it_settled_is_not_taken_back_and_takes_no_room():
    source = learned()
    reports = told(source, 40)
    source.settle()
    assert source._past.models == 1
    before = source.learned()
    source.took_back(reports[-1])
    assert source.learned() == before
    later = Report(ReportKind.RATING, 100.0, 5)
    source.heard(later, 220.0, 0.0)
    assert source.learned() != before
    source.took_back(later)
    assert source.learned() == before
