"""What a page says, before it is laid out."""

import pytest

from prep.model.plan import Options
from prep.model.preview import Preview
from prep.model.reference import Crop, Part, Reference
from prep.model.report import Fix, Report
from prep.render.facts import facts_of
from prep.render.gauge import gauges
from prep.render.page import Page, manifest_page, plan_page, report_page
from prep.rules.select import Selection
from prep.specs import load_spec
from tests.made import audio, image, manifest, plan_of, report_of, silent, video

SPEC = load_spec()


def _report(*items: object, prompt: str | None = None) -> Page:
    report = report_of(*items, prompt=prompt)  # type: ignore[arg-type]
    return report_page(report, SPEC, [Preview()] * len(report.references), "tool 1")


def _plan(*items: object, **options: object) -> Page:
    plan = plan_of(*items, options=Options.model_validate(options))  # type: ignore[arg-type]
    return plan_page(plan, SPEC, [Preview()] * len(plan.entries), "tool 1")


@pytest.mark.parametrize(
    ("seconds", "words", "state"),
    [
        (1.7, "1.7 s of 15 s, at least 2 s", "error"),
        (1.9, "1.9 s of 15 s, at least 2 s", "warning"),
        (2.0, "2 s of 15 s", "fine"),
        (15.0, "15 s of 15 s", "fine"),
        (15.1, "15.1 s of 15 s, 0.1 s over", "warning"),
        (15.3, "15.3 s of 15 s, 0.3 s over", "error"),
    ],
)
def test_a_gauge_at_its_limits(seconds: float, words: str, state: str) -> None:
    totals = report_of(video(duration_s=seconds)).totals
    gauge = next(one for one in gauges(SPEC, totals, totals) if one.name == "Video, seconds")
    assert (gauge.words, gauge.state, gauge.given_words) == (words, state, "")
    assert max(gauge.used, gauge.limit) == 1
    assert (gauge.used > gauge.limit) == (seconds > 15)


def test_budgets_that_nobody_uses_have_no_gauge() -> None:
    assert [gauge.name for gauge in _report(image()).gauges] == ["References", "Images"]
    names = [gauge.name for gauge in _report(image(), video(), audio()).gauges]
    assert names == [
        "References", "Images", "Videos", "Video, seconds", "Video, bytes", "Sounds", "Sound, seconds",
    ]  # fmt: skip


def test_of_a_part_that_is_asked_for_the_part_counts() -> None:
    page = _report((video(duration_s=60.0), Part(start_s=10.0, end_s=16.0)))
    gauge = next(one for one in page.gauges if one.name == "Video, seconds")
    assert (gauge.words, gauge.given_words) == ("6 s of 15 s", "60 s given")
    kept = page.items[0].kept
    assert kept is not None
    assert (kept.begin, kept.end) == pytest.approx((1 / 6, 16 / 60))
    assert kept.words == "asked for: 10 s to 16 s of 60 s"


def test_of_a_crop_that_is_asked_for_the_rectangle_is_shown() -> None:
    crop = _report((image(1200, 900), Crop(unit="percent", x=25, y=0, width=50, height=100))).items[0].crop
    assert crop is not None
    assert (crop.left, crop.top, crop.width, crop.height) == pytest.approx((0.25, 0, 0.5, 1))


@pytest.mark.parametrize(
    ("items", "verdict", "lead", "state"),
    [
        ((image(),), "Complies", "The endpoint would take this as it is.", "fine"),
        ((image(), video(duration_s=15.1)), "Complies", "The endpoint would take this as it is.", "warning"),
        ((image(container="gif"),), "Would be refused", "1 problem, which prep mends.", "error"),
        ((audio(),), "Would be refused", "1 problem, which prep can't mend.", "error"),
        (
            (image(container="gif"), image(100, 100)),
            "Would be refused",
            "3 problems, all of which prep mends.",
            "error",
        ),
    ],
)
def test_the_verdict_of_a_check(items: tuple[object, ...], verdict: str, lead: str, state: str) -> None:
    page = _report(*items)
    assert (page.verdict, page.lead, page.state) == (verdict, lead, state)


def _about(report: Report) -> Page:
    return report_page(report, SPEC, [Preview()], "tool 1")


def test_what_was_left_out_is_not_said_to_comply() -> None:
    page = _about(Selection(ignore=("image-*",)).of(report_of(image(4000, 1000))))
    assert (page.verdict, page.lead) == (
        "Not judged as a whole",
        "No problem under the rules selected; 1 finding is left out.",
    )
    assert page.items[0].status == "nothing of what was asked"


def test_what_was_fixed_complies_as_made_and_not_as_it_is() -> None:
    steps = plan_of(image(4000, 1000)).entries[0].steps
    fix = Fix(tag="@Image1", path="a.png", steps=steps, made="out/a.png")
    report = report_of(image(4000, 1000))
    page = _about(report.model_copy(update={"findings": (), "fixes": (fix,)}))
    assert (page.verdict, page.lead) == ("Complies, as made", "The endpoint would take what was made.")
    assert page.items[0].status == "made to comply"
    page = _about(report.model_copy(update={"fixes": (fix.model_copy(update={"made": None}),)}))
    assert (page.verdict, page.items[0].status) == ("Would be refused", "1 problem, which prep mends")


@pytest.mark.parametrize(
    ("items", "verdict", "lead"),
    [
        ((image(),), "Complies", "Every file goes through byte for byte."),
        (
            (image(), image(container="gif")),
            "Can be made to comply",
            "1 of 2 references is re-made, 1 goes through byte for byte.",
        ),
        ((image(container="gif"),), "Can be made to comply", "1 of 1 reference is re-made."),
        ((audio(),), "Can't be mended", "1 problem stands whatever is done; nothing is made."),
    ],
)
def test_the_verdict_of_a_plan(items: tuple[object, ...], verdict: str, lead: str) -> None:
    page = _plan(*items)
    assert (page.verdict, page.lead) == (verdict, lead)


def test_the_bytes_of_a_plan_are_a_bound() -> None:
    """What is planned is not made yet: 49 MB are the most that it may become."""
    words = {gauge.name: gauge.words for gauge in _plan(video(duration_s=40.0)).gauges}
    assert words["Video, bytes"].startswith("at most ")
    assert not words["Video, seconds"].startswith("at most")
    assert not {gauge.words for gauge in _plan(video()).gauges if gauge.words.startswith("at most")}


def test_a_plan_shows_what_is_kept_and_why() -> None:
    item = _plan((video(duration_s=40.0), Part(start_s=30.0, end_s=36.0))).items[0]
    assert item.kept is not None
    assert item.kept.words == "kept: 30 s to 36 s of 40 s"
    assert item.steps[0].what == "keep 30 to 36 s"
    assert item.steps[0].because == ("asked",)
    assert item.status == f"re-made in {len(item.steps)} steps"


def test_what_it_was_refused_for_counts_more_than_the_plan() -> None:
    plan = plan_of(image(container="gif"))
    refused = report_of(image(), prompt="@Image7").findings
    page = plan_page(plan, SPEC, [Preview()], "tool 1", refused)
    assert (page.verdict, page.state) == ("Can't be mended", "error")
    assert page.findings == refused


def test_findings_stand_where_they_belong() -> None:
    page = _report(image(container="gif"), video(duration_s=8.0), video(duration_s=8.0), prompt="@Image9")
    assert [finding.rule for finding in page.items[0].findings] == ["image-format-unsupported"]
    assert page.items[1].findings == ()
    assert {finding.rule for finding in page.findings} >= {"videos-too-long"}
    everywhere = [*page.findings, *(finding for item in page.items for finding in item.findings)]
    assert len(everywhere) == len(
        report_of(image(container="gif"), video(duration_s=8.0), video(duration_s=8.0), prompt="@Image9").findings
    )


def test_a_manifest_without_changes() -> None:
    done = manifest(image(), video())
    page = manifest_page(done, SPEC, [Preview()] * 2, [None, None], "tool 1")
    assert (page.verdict, page.lead) == ("Compliant", "Every file went through byte for byte.")
    assert {item.status for item in page.items} == {"byte for byte as given"}
    assert page.tools == "tool 1, ffmpeg 7.1"


def test_facts_that_differ_are_marked() -> None:
    given = video(1920, 1080, duration_s=20.0, hdr="pq", vfr=True)
    facts = {fact.name: fact for fact in facts_of(given, video(1280, 720, **silent()), bounded=True)}
    assert (facts["Picture"].given, facts["Picture"].made, facts["Picture"].changed) == ("1920×1080", "1280×720", True)
    assert (facts["Range"].given, facts["Range"].made) == ("HDR (PQ)", "SDR")
    assert (facts["Rate"].given, facts["Rate"].made) == ("24 fps, variable", "24 fps")
    assert facts["Sound"].made == "none"
    assert facts["Format"].changed is False
    assert facts["Size"].made == "at most 2 MB"
    assert all(fact.made is None for fact in facts_of(given, None))


def test_the_name_in_the_prompt_is_said() -> None:
    reference = Reference(location="a/b/photo.png", name="hero")
    item = _report((image(), reference)).items[0]
    assert (item.label, item.path, item.name) == ("photo.png", "a/b/photo.png", "hero")
