"""The page of a report, before it is laid out."""

import pytest

from prep import __version__
from prep.model.media import AudioInfo
from prep.model.plan import Options
from prep.model.preview import Preview
from prep.model.reference import Crop, Part, Reference
from prep.model.report import Fix, Report
from prep.render.html.facts import facts_of
from prep.render.html.gauge import gauges
from prep.render.html.page_values import Page, Paid, manifest_page, offer_page, plan_page, report_page
from prep.rules.select import Selection
from prep.specs import load_spec
from tests.made import audio, image, manifest, plan_of, report_of, silent, video, wav

SPEC = load_spec()


def _report(*items: object, prompt: str | None = None) -> Page:
    report = report_of(*items, prompt=prompt)  # type: ignore[arg-type]
    return report_page(report, SPEC, [Preview()] * len(report.references))


def _plan(*items: object, **options: object) -> Page:
    plan = plan_of(*items, options=Options.model_validate(options))  # type: ignore[arg-type]
    return plan_page(plan, SPEC, [Preview()] * len(plan.entries))


@pytest.mark.parametrize(
    ("seconds", "words", "state"),
    [
        (1.7, "1.7 s of 15 s, min 2 s", "error"),
        (1.9, "1.9 s of 15 s, min 2 s", "warning"),
        (2.0, "2 s of 15 s", "fine"),
        (15.0, "15 s of 15 s", "fine"),
        (15.1, "15.1 s of 15 s, 0.1 s over", "warning"),
        (15.3, "15.3 s of 15 s, 0.3 s over", "error"),
    ],
)
def test_a_gauge_at_its_limits(seconds: float, words: str, state: str) -> None:
    totals = report_of(video(duration_s=seconds)).totals
    gauge = next(one for one in gauges(SPEC, totals, totals) if one.name == "Video, seconds")
    assert (gauge.words, gauge.state, gauge.before_words) == (words, state, "")
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
    assert (gauge.words, gauge.before_words) == ("6 s of 15 s", "60 s in the sources")
    part = page.items[0].part
    assert part is not None
    assert (part.begin, part.end) == pytest.approx((1 / 6, 16 / 60))
    assert part.words == "you asked for 0:10.0–0:16.0 (6 s) of 60 s"


def test_of_a_crop_that_is_asked_for_the_rectangle_is_shown() -> None:
    crop = _report((image(1200, 900), Crop(unit="percent", x=25, y=0, width=50, height=100))).items[0].crop
    assert crop is not None
    assert (crop.left, crop.top, crop.width, crop.height) == pytest.approx((0.25, 0, 0.5, 1))


@pytest.mark.parametrize(
    ("items", "verdict", "lead", "state"),
    [
        ((image(),), "Meets the limits", "The files can be sent as they are.", "fine"),
        ((image(), video(duration_s=15.1)), "Meets the limits", "The files can be sent as they are.", "warning"),
        ((image(container="gif"),), "Would be refused", "1 problem; `prep` fixes it.", "error"),
        ((audio(),), "Would be refused", "1 problem to fix yourself.", "error"),
        (
            (image(container="gif"), image(100, 100)),
            "Would be refused",
            "3 problems; `prep` fixes all of them; also 1 warning.",
            "error",
        ),
    ],
)
def test_the_verdict_of_a_check(items: tuple[object, ...], verdict: str, lead: str, state: str) -> None:
    page = _report(*items)
    assert (page.verdict, page.lead, page.state) == (verdict, lead, state)


def _about(report: Report) -> Page:
    return report_page(report, SPEC, [Preview()])


def test_what_was_left_out_is_not_said_to_comply() -> None:
    page = _about(Selection(ignore=("image-*",)).of(report_of(image(4000, 1000))))
    assert (page.verdict, page.lead) == (
        "Partly checked",
        "No problem under the selected rules; 1 finding left out, so this is not a full check.",
    )
    assert page.items[0].status == "no finding under the selected rules"


def test_what_was_fixed_complies_as_made_and_not_as_it_is() -> None:
    steps = plan_of(image(4000, 1000)).entries[0].steps
    fix = Fix(tag="@Image1", path="a.png", steps=steps, made="out/a.png")
    report = report_of(image(4000, 1000))
    page = _about(report.model_copy(update={"findings": (), "fixes": (fix,)}))
    assert (page.verdict, page.lead) == ("Meets the limits", "The files that were made can be sent.")
    assert page.items[0].status == "fixed"
    page = _about(report.model_copy(update={"fixes": (fix.model_copy(update={"made": None}),)}))
    assert (page.verdict, page.items[0].status) == ("Would be refused", "1 problem; `prep` fixes it")


@pytest.mark.parametrize(
    ("items", "verdict", "lead"),
    [
        ((image(),), "Meets the limits", "Every file stays unchanged, byte for byte."),
        (
            (image(), image(container="gif")),
            "Meets the limits after prep",
            "1 of 2 references will be re-made, 1 unchanged.",
        ),
        ((image(container="gif"),), "Meets the limits after prep", "The reference will be re-made."),
        ((audio(),), "Can't be prepared", "1 problem to fix yourself; nothing is made."),
    ],
)
def test_the_verdict_of_a_plan(items: tuple[object, ...], verdict: str, lead: str) -> None:
    page = _plan(*items)
    assert (page.verdict, page.lead) == (verdict, lead)


@pytest.mark.parametrize(
    ("page", "lead"),
    [
        (_plan(image()), "Every file stays unchanged, byte for byte; 1 warning."),
        (_plan(image(container="gif")), "The reference will be re-made; 1 warning."),
        (
            manifest_page(manifest(image()), SPEC, [Preview()], [None]),
            "Every file stays unchanged, byte for byte; 1 warning.",
        ),
    ],
)
def test_the_lead_counts_the_warnings_about_prompt_and_request(page: Page, lead: str) -> None:
    paid = Paid(prompt="no tag", price=None)
    offered = offer_page(page, paid, report_of(image(), prompt="no tag").findings)
    assert (offered.lead, offered.state) == (lead, "warning")


def test_the_bytes_of_a_plan_are_a_bound() -> None:
    """Nobody knows the size of a video before it is encoded, only what it may not exceed."""
    words = {gauge.name: gauge.words for gauge in _plan(video(duration_s=40.0)).gauges}
    assert words["Video, bytes"] == "kept within 50 MB"
    assert not words["Video, seconds"].startswith("kept")
    assert not {gauge.words for gauge in _plan(video()).gauges if gauge.words.startswith("kept")}


def test_a_plan_shows_what_is_kept_and_why() -> None:
    item = _plan((video(duration_s=40.0), Part(start_s=30.0, end_s=36.0))).items[0]
    assert item.part is not None
    assert item.part.words == "keeps 0:30.0–0:36.0 (6 s) of 40 s"
    assert item.steps[0].change == "keep 0:30.0–0:36.0 (6 s)"
    assert item.steps[0].because == "you asked"
    assert item.status == f"re-made in {len(item.steps)} steps"


def test_what_it_was_refused_for_counts_more_than_the_plan() -> None:
    plan = plan_of(image(container="gif"))
    refused = report_of(image(), prompt="@Image7").findings
    page = plan_page(plan, SPEC, [Preview()], refused)
    assert (page.verdict, page.state) == ("Can't be prepared", "error")
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
    page = manifest_page(done, SPEC, [Preview()] * 2, [None, None])
    assert (page.verdict, page.lead) == ("Meets the limits", "Every file stays unchanged, byte for byte.")
    assert {item.status for item in page.items} == {"unchanged"}
    assert page.tools == f"prep-and-submit {__version__}, ffmpeg 7.1"


def test_facts_that_differ_are_marked() -> None:
    given = video(1920, 1080, duration_s=20.0, hdr="pq", vfr=True)
    facts = {fact.name: fact for fact in facts_of(given, video(1280, 720, **silent()), size_known=False)}
    assert (facts["Picture"].before, facts["Picture"].after, facts["Picture"].changed) == (
        "1920×1080",
        "1280×720",
        True,
    )
    assert (facts["Dynamic range"].before, facts["Dynamic range"].after) == ("HDR (PQ)", "SDR")
    assert (facts["Frame rate"].before, facts["Frame rate"].after) == ("24 fps, variable", "24 fps")
    assert facts["Sound"].after == "none"
    assert facts["Format"].changed is False
    assert facts["Size"].after == "–"
    assert all(fact.after is None for fact in facts_of(given, None))


@pytest.mark.parametrize(
    ("sound", "format"), [(audio(), "MP3"), (wav(), "WAV 16-bit PCM"), (audio(container="m4a", codec="aac"), "M4A AAC")]
)
def test_the_codec_of_a_sound_is_said_once(sound: AudioInfo, format: str) -> None:
    facts = {fact.name: fact.before for fact in facts_of(sound, None)}
    assert (facts["Format"], facts["Sound"]) == (format, "44.1 kHz, stereo")


def test_the_name_in_the_prompt_is_said() -> None:
    reference = Reference(location="a/b/photo.png", name="hero")
    item = _report((image(), reference)).items[0]
    assert (item.label, item.path, item.name) == ("photo.png", "a/b/photo.png", "hero")
