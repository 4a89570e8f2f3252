"""People in references: faces that the provider may refuse, where the extra smartcrop can see them."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec

from prep.errors import Cancelled
from prep.log import get_logger
from prep.looks import see
from prep.model.context import Context
from prep.model.media import ImageInfo, VideoInfo
from prep.model.plan import Plan
from prep.model.source import Source
from prep.planning.trim.part import kept_part
from prep.rules.content import real_person
from prep.rules.findings import Findings, about
from prep.telemetry.names import LOOK
from prep.telemetry.spans import traced
from prep.threads import each

Part = tuple[float, float]
logger = get_logger(__name__)


def can_look() -> bool:
    """Whether the extra smartcrop is installed."""
    return find_spec("dlib") is not None and find_spec("numpy") is not None


def find_people(sources: Sequence[Source], parts: Mapping[str, Part], ctx: Context) -> dict[str, Findings]:
    """Findings by tag about local files that show a face; of a video, in its part, the whole where there is none.

    Empty without the extra smartcrop. A file that can't be decoded has none: that is said elsewhere.
    """
    if not can_look():
        return {}

    def one(source: Source) -> Findings:
        ctx.stop_if_cancelled()
        try:
            seen = _shows_face(source, parts.get(source.tag), ctx)
        except Cancelled:
            raise
        except Exception:
            logger.debug("not looked at for faces", exc_info=True)
            return ()
        if not seen or not isinstance(source.info, ImageInfo | VideoInfo):
            return ()
        return about(real_person(source.info), source.label, source.tag)

    visible = [source for source in sources if source.info.kind != "audio" and not source.reference.is_url]
    return {
        source.tag: findings
        for source, findings in zip(visible, each(one, visible, ctx.cancel), strict=True)
        if findings
    }


@traced(LOOK)
def with_people(plan: Plan, sources: Sequence[Source], ctx: Context) -> Plan:
    """Return *plan* with the findings of `find_people`, about what it keeps of *sources*, among its warnings."""
    parts = {entry.tag: part for entry in plan.entries if entry.source.kind == "video" and (part := kept_part(entry))}
    people = find_people(sources, parts, ctx)
    more = tuple(finding for findings in people.values() for finding in findings)
    return plan.model_copy(update={"warnings": (*plan.warnings, *more)}) if more else plan


def _shows_face(source: Source, part: Part | None, ctx: Context) -> bool:
    from prep.media.analysis.faces import image_shows_face, video_shows_face

    if isinstance(source.info, ImageInfo):
        return see(ctx, source, image_shows_face, ctx.access.path(source.reference), source.info)
    assert isinstance(source.info, VideoInfo)
    if source.demuxer is None or source.info.codec == "webp":
        return False  # libavformat in process has no demuxer for an animated WebP
    item, whole = ctx.access.of(source.reference), (0.0, source.info.duration_s)
    return see(ctx, source, video_shows_face, item, source.demuxer, source.info, part or whole)
