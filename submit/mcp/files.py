"""Tools about files: check, plan, price and prep."""

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from mcp_types import ListRootsResult
from pydantic import Field

from prep import acheck, aplan, aprepare
from prep.aio import twin
from prep.execution.cache import default_folder
from prep.media.contact_sheet import contact_sheet
from prep.media.isolation.pool import isolation_of
from prep.media.preview import PreviewSource, previews
from prep.model.generation import Generation
from prep.model.manifest import Manifest, ManifestEntry, totals
from prep.model.plan import Options, Plan
from prep.model.reference import Reference
from prep.pricing.price import priced
from prep.render.document import report_data
from prep.render.price import price_data, price_text
from prep.render.text import manifest_text, plan_text, report_text
from prep.render.verdict import unfixed
from prep.rules import check_request
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import with_defaults
from prep.stages import refuse_unfixable
from submit.mcp.answers import NextCall, Reply, ToolResult, answer
from submit.mcp.calls import answering, working
from submit.mcp.desk import Call, Desk, desk_of
from submit.mcp.roots import ClientRoots, roots_of
from submit.sandbox.urls import refuse_urls

References = Annotated[
    list[str],
    Field(
        description="Files, folders and URLs: [NAME=]PATH-or-URL[#t=START,END][&xywh=X,Y,W,H][&track=audio|video]. "
        "A path is below one of the open folders; a folder stands for the media in it.",
    ),
]
Endpoint = Annotated[str, Field(description="The endpoint whose limits count; `limits` lists the others.")]
Skip = Annotated[bool, Field(description="Leave out references that can't be read; they are listed as findings.")]
Wishes = Annotated[
    Generation,
    Field(description="What will be asked of the endpoint; with a fixed duration no more of a long video is kept."),
]
Folder = Annotated[str, Field(description="The folder that `prep` filled, below one of the open folders.")]
NO_OPTIONS, NO_WISHES = Options(), Generation()


@answering
async def check(  # noqa: PLR0913  public: what a caller may choose
    references: References,
    ctx: Call,
    roots: ClientRoots,
    prompt: Annotated[str | None, Field(description="The prompt, to check its @ tags, too.")] = None,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    options: Options = NO_OPTIONS,
    thorough: Annotated[
        bool, Field(description="Decode videos and sounds, too: finds several shots, silence.")
    ] = False,
    skip_unreadable: Skip = False,
) -> ToolResult:
    """Check references (images, videos, sounds) against the limits of a video generation endpoint. Changes nothing."""
    desk, sources = desk_of(ctx), _open(references, ctx, roots)
    report = await working(
        ctx,
        lambda progress: acheck(
            sources,
            endpoint,
            prompt=prompt,
            options=options,
            thorough=thorough,
            skip_unreadable=skip_unreadable,
            progress=progress,
            network=desk.network,
        ),
    )
    if unfixed(report.findings):
        following = [_explain(unfixed(report.findings)[0].rule)]
    else:
        same = _same(references, endpoint, options, NO_WISHES)
        following = [
            NextCall(tool="plan", why="see what would be done to each file", arguments=same),
            NextCall(tool="prep", why="make the files that comply", arguments=same),
        ]
    reply = Reply(report.ok, report_text(report), report.findings, report_data(report), following)
    return answer("check", reply, ctx)


@answering
async def plan(  # noqa: PLR0913  public: what a caller may choose
    references: References,
    ctx: Call,
    roots: ClientRoots,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    generation: Wishes = NO_WISHES,
    options: Options = NO_OPTIONS,
    skip_unreadable: Skip = False,
) -> ToolResult:
    """Show what `prep` would do to each reference, and why. Changes nothing."""
    sources = _open(references, ctx, roots)
    planned = await _planned(
        ctx, sources, endpoint, generation=generation, options=options, skip_unreadable=skip_unreadable
    )
    same = _same(references, endpoint, options, generation)
    following = [
        NextCall(tool="prep", why="carry the plan out", arguments=same),
        NextCall(tool="price", why="see what a generation would cost", arguments=same),
    ]
    if planned.unfixable:
        following = [_explain(planned.unfixable[0].rule)]
    findings = (*planned.unfixable, *planned.warnings)
    return answer("plan", Reply(not planned.unfixable, plan_text(planned), findings, planned, following), ctx)


@answering
async def price(  # noqa: PLR0913  public: what a caller may choose
    ctx: Call,
    roots: ClientRoots,
    references: Annotated[list[str] | None, Field(description="As for `check`; or name a `folder`.")] = None,
    folder: Annotated[str | None, Field(description="A folder that `prep` filled, in the place of references.")] = None,
    generation: Wishes = NO_WISHES,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    options: Options = NO_OPTIONS,
    skip_unreadable: Skip = False,
) -> ToolResult:
    """Show what a generation with these references, or with a prepared folder, would cost. Sends and pays nothing."""
    desk, here = desk_of(ctx), roots_of(ctx, roots)
    if folder is not None:
        manifest = here.prepared(folder)
        endpoint, files, warnings = manifest.endpoint, manifest.totals, manifest.findings
        following = [_submit(folder, generation, desk)]
    else:
        sources = _open(references or [], ctx, roots)
        planned = await _planned(
            ctx, sources, endpoint, generation=generation, options=options, skip_unreadable=skip_unreadable
        )
        refuse_unfixable(planned, "there is no price yet")
        files, warnings = totals(entry.predicted for entry in planned.entries), planned.warnings
        why = "make the files that comply"
        following = [NextCall(tool="prep", why=why, arguments=_same(references or [], endpoint, options, generation))]
    spec = load_spec(endpoint)
    wishes = with_defaults(generation, spec)
    result = priced(spec, wishes, files)
    findings = (*warnings, *check_request(wishes, spec))
    free = "\nIn this sandbox nothing is paid." if desk.sandbox else ""
    text = f"{price_text(result, findings)}{free}"
    return answer("price", Reply(True, text, findings, price_data(result), following, {"cost": result.cost}), ctx)


@answering
async def prep(  # noqa: PLR0913  public: what a caller may choose
    references: References,
    out: Annotated[str, Field(description="The folder for the files and manifest.json, below an open folder.")],
    ctx: Call,
    roots: ClientRoots,
    endpoint: Endpoint = DEFAULT_ENDPOINT,
    generation: Wishes = NO_WISHES,
    options: Options = NO_OPTIONS,
    skip_unreadable: Skip = False,
    look: Annotated[bool, Field(description="Return a contact sheet of the prepared files, to look at.")] = True,
) -> ToolResult:
    """Make files that comply and verify them. Originals are never touched. Returns a contact sheet to look at."""
    desk, here = desk_of(ctx), roots_of(ctx, roots)
    sources, folder = _open(references, ctx, roots), here.place(out)
    manifest = await working(
        ctx,
        lambda progress: aprepare(
            sources,
            endpoint,
            out=folder,
            generation=generation,
            options=options,
            skip_unreadable=skip_unreadable,
            cache=default_folder(),
            progress=progress,
            network=desk.network,
        ),
    )
    sheet = await twin(_sheet)(manifest) if look else None
    following = [
        NextCall(
            tool="price", why="see what a generation would cost", arguments=asked({"folder": str(folder)}, generation)
        ),
        _submit(str(folder), generation, desk),
    ]
    text, facts = manifest_text(manifest, str(folder)), {"folder": str(folder)}
    return answer("prep", Reply(True, text, manifest.findings, manifest, following, facts, sheet), ctx)


def _open(references: list[str], ctx: Call, roots: ListRootsResult | None) -> list[Reference]:
    """The references of a call. Raises UsageError for one outside the roots, and for a URL while a sandbox is used."""
    sources = roots_of(ctx, roots).references(references)
    if desk_of(ctx).sandbox:
        refuse_urls(one.display_path for one in sources if one.is_url)
    return sources


async def _planned(ctx: Call, sources: list[Reference], endpoint: str, **wishes: Any) -> Plan:
    wishes |= {"cache": default_folder(), "network": desk_of(ctx).network}
    return await working(ctx, lambda progress: aplan(sources, endpoint, **wishes, progress=progress))


def _sheet(manifest: Manifest) -> bytes | None:
    """The contact sheet of the files that were made; None when all are sent as URLs."""
    here = [entry for entry in manifest.entries if entry.tag in manifest.paths]
    if not here:
        return None
    files = [PreviewSource(partial(Path, manifest.paths[entry.tag]), entry.output.info) for entry in here]
    captions = [f"{entry.tag} {_called(entry)}" for entry in here]
    return contact_sheet(list(zip(captions, previews(files, isolation_of("process")), strict=True)))


def _called(entry: ManifestEntry) -> str:
    name = f"(@{entry.name}) " if entry.name else ""
    return f"{name}{Reference(location=entry.source.path).label}"


def _explain(rule: str) -> NextCall:
    return NextCall(tool="explain", why="see what the rule means and what helps", arguments={"rule": rule})


def _submit(folder: str, generation: Generation, desk: Desk) -> NextCall:
    how = "nothing is paid in this sandbox" if desk.sandbox else "give max_cost, too: the person is asked"
    arguments = asked({"folder": folder}, generation)
    return NextCall(tool="submit", why=f"send it with a prompt; {how}", arguments=arguments)


def _same(references: list[str], endpoint: str, options: Options, generation: Generation) -> dict[str, Any]:
    """The arguments that the next call about the same references needs."""
    arguments: dict[str, Any] = {"references": references}
    if endpoint != DEFAULT_ENDPOINT:
        arguments["endpoint"] = endpoint
    if chosen := options.model_dump(mode="json", exclude_unset=True):
        arguments["options"] = chosen
    return asked(arguments, generation)


def asked(arguments: dict[str, Any], generation: Generation) -> dict[str, Any]:
    """*arguments* with the parameters that were asked for, if any were."""
    return {**arguments, "generation": generation.asked()} if generation.asked() else arguments
