"""Reports of every shape, for formats that have to hold up under all of them."""

from prep.check_many import unreadable
from prep.errors import ManyErrors, UnreadableError, UsageError
from prep.model.redact import shown
from prep.model.report import Report
from tests.made import audio, image, report_of, video

NAMES = ("photo.png", 'a "b" & <c>.png', "x,y:z.png", "50%.png", "new\nline\r.png", "esc\x1b[2J.png", "ä é 走.png")


def _of_file(report: Report, path: str) -> Report:
    """As `check_each` gives it."""
    return report.model_copy(
        update={
            "origin": path,
            "references": tuple(
                item.model_copy(update={"tag": "", "reference": item.reference.model_copy(update={"location": path})})
                for item in report.references
            ),
            "findings": tuple(one.model_copy(update={"subject": path, "tag": None}) for one in report.findings),
        }
    )


FINE = report_of(image(), video())
BROKEN = report_of(
    image(4000, 1000, frames=3, private_metadata=("gps",)),
    video(1920, 1080, duration_s=31, rotation=90),
    audio(60),
    *[image()] * 10,
    prompt="@nobody & <@Image99>",
)
REPORTS: dict[str, tuple[Report, ...]] = {
    "nothing": (),
    "fine": (FINE,),
    "broken": (BROKEN,),
    "files": tuple(_of_file(report_of(image(4000, 1000, private_metadata=("gps",))), name) for name in NAMES),
    "files that can't be read": tuple(
        unreadable(UnreadableError(f"{shown(n)}: empty"), "e", n, subject=n) for n in NAMES
    ),
    "jobs": (
        FINE.model_copy(update={"origin": "jobs.jsonl:1"}),
        BROKEN.model_copy(update={"origin": "jobs.jsonl:3"}),
        unreadable(UsageError("jobs.jsonl:4: not a line of JSON"), "e", "jobs.jsonl:4"),
    ),
    "a set that can't be read": (unreadable(ManyErrors((UnreadableError("a.png: empty"), UsageError("b"))), "e"),),
}
