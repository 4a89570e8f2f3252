"""The library: check, plan and prepare. Nothing here prints, reads the environment or changes the working directory."""

import os
import threading
from pathlib import Path

from prep.analyse import unseen_until_encoded
from prep.errors import UsageError
from prep.execution.lock import claimed
from prep.inputs.access import Access
from prep.inputs.output import check_output
from prep.inputs.references import NO_NUL, References
from prep.inputs.resolve import resolve
from prep.model.context import Where
from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.manifest import Manifest
from prep.model.plan import Options, Plan
from prep.model.progress import OnProgress
from prep.model.report import Report
from prep.net.network import Network
from prep.pricing.cost import Cost
from prep.pricing.price import price_of_plan
from prep.specs import DEFAULT_ENDPOINT, load_spec
from prep.specs.parameters import for_generation, with_defaults
from prep.stages import (
    OnMade,
    cache_in,
    check_inputs,
    make_files,
    open_context,
    plan_unless_too_many,
    refuse_unfixable,
    resolve_planned,
    workplace,
)
from prep.telemetry import names
from prep.telemetry.spans import traced
from prep.validation import expect, short


@traced(names.CHECK)
def check(  # noqa: PLR0913  public: takes keyword options
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    prompt: str | None = None,
    options: Options | None = None,
    thorough: bool = False,
    skip_unreadable: bool = False,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Report:
    """Return every finding about the references, alone and together, and about *prompt* when there is one.

    A reference is a path, a string as on the command line, a Reference, bytes or a file object; one may stand alone. A
    folder stands for the media in it, sorted naturally; what it holds beside them is a finding.
    Changes nothing, and needs no network but for references by URL, of which it reads as little as it can; *network*
    says which addresses those may lead to (None: public ones). A part (`#t=`) or crop is judged instead of the whole
    file. *thorough*: files are decoded as well, to find several shots, near silence and damage; without it none is.
    *progress* is called from several threads.

    *isolation*: media are opened in worker processes, which are started once and kept; what crashes one, or takes too
    much time or memory, is an error about its file. "none" opens media in this process: for files that are trusted.

    A reference that can't be read is the finding `input-unreadable` beside those of the others, and keeps its tag. With
    *skip_unreadable* it is the warning `input-skipped`, and the tags count only what is left, as in `plan`. When none
    can be read, raises UnreadableError for a file, RemoteError for a server that fails, and ManyErrors for several.
    Raises UsageError for a reference that is not understood, and Cancelled when *cancel* is set.
    """
    expect(str, prompt=prompt)
    expect(bool, thorough=thorough, skip_unreadable=skip_unreadable)
    with open_context(endpoint, Access(network, isolation), options, progress, cancel) as ctx:
        inputs = resolve(references, ctx, fingerprints=False).any_readable()
        if skip_unreadable:
            inputs = inputs.readable(skip_unreadable=True)
        return check_inputs(inputs, ctx, prompt=prompt, thorough=thorough)


@traced(names.PLAN_CALL)
def plan(  # noqa: PLR0913  public: takes keyword options
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    cache: str | os.PathLike[str] | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Plan:
    """Return what `prepare` would do and why. Changes nothing.

    Where *generation* has a fixed duration, no more than that is kept of a longer video that is cut without a part or
    seconds of your own. *cache* is as in `prepare`.
    Raises UnreadableError for a file that can't be read, RemoteError for a server that fails, ManyErrors for several;
    with *skip_unreadable* the plan goes on without them, and its warnings name each. Raises UsageError and Cancelled as
    `check` does.
    """
    expect(bool, skip_unreadable=skip_unreadable)
    spec = load_spec(endpoint)
    chosen = _options_for(generation, options, spec)
    with open_context(spec, Access(network, isolation, cache_in(cache)), chosen, progress, cancel) as ctx:
        inputs = resolve(references, ctx).readable(skip_unreadable=skip_unreadable)
        return plan_unless_too_many(inputs.sources, ctx, inputs.notes)[0]


@traced(names.PRICE)
def price(  # noqa: PLR0913  public: takes keyword options
    references: References,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    cache: str | os.PathLike[str] | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Cost | None:
    """Return what a *generation* with these references would cost; None when no price is known for its resolution.

    Plans, since videos are billed by the seconds that `prepare` would keep; makes and sends nothing, and needs no key.
    Raises as `plan` does, UsageError for a parameter that the endpoint does not have or a value that it does not take,
    and NonCompliantError when findings would remain.
    """
    expect(Generation, generation=generation)
    spec = load_spec(endpoint)
    chosen = with_defaults(generation or Generation(), spec)
    planned = plan(
        references,
        spec,
        generation=chosen,
        options=options,
        skip_unreadable=skip_unreadable,
        cache=cache,
        progress=progress,
        cancel=cancel,
        network=network,
        isolation=isolation,
    )
    refuse_unfixable(planned, "there is no price yet")
    return price_of_plan(planned, spec, chosen)


@traced(names.PREPARE_CALL)
def prepare(  # noqa: PLR0913  public: takes keyword options
    references: References | Plan,
    endpoint: str | EndpointSpec = DEFAULT_ENDPOINT,
    *,
    out: str | os.PathLike[str],
    generation: Generation | None = None,
    options: Options | None = None,
    skip_unreadable: bool = False,
    cache: str | os.PathLike[str] | None = None,
    on_made: OnMade | None = None,
    progress: OnProgress | None = None,
    cancel: threading.Event | None = None,
    network: Network | None = None,
    isolation: Where = "process",
) -> Manifest:
    """Make the compliant files and the manifest in the folder *out*, and return the manifest.

    *references* may be a Plan, which is carried out as it is after its sources were probed again; *endpoint* matters
    then only as the EndpointSpec of an endpoint that is not built in. *generation* is as in `plan`. One process at a
    time works in a folder: Busy is raised when another does.

    *skip_unreadable* goes on without what can't be read, as `plan` does; the manifest's findings name it.

    *cache* is a folder for what is seen in files and what is made of them, so that the same is neither looked at nor
    made twice; None: nothing is kept. *on_made* is called with each file once it is made and verified, in a folder
    inside *out* that it leaves when all are. It and *progress* are called from several threads. Raises as `plan` does;
    NonCompliantError when findings would remain, and then nothing is made; ToolError when a tool fails; Cancelled when
    *cancel* is set. After an error *out* is as it was before.
    """
    expect(bool, skip_unreadable=skip_unreadable)
    folder = _folder(out)
    spec = _spec_of(references, endpoint) if isinstance(references, Plan) else load_spec(endpoint)
    chosen = _options_for(generation, options, spec)
    with open_context(spec, Access(network, isolation, cache_in(cache)), chosen, progress, cancel) as ctx:
        if isinstance(references, Plan):
            planned, sources = resolve_planned(references, ctx)
            watched: frozenset[str] = frozenset()
            beside = check_output(folder, [source.reference for source in sources])
            planned = planned.model_copy(update={"warnings": (*planned.warnings, *beside)})
        else:
            inputs = resolve(references, ctx).readable(skip_unreadable=skip_unreadable).into(folder)
            planned, sources = plan_unless_too_many(inputs.sources, ctx, inputs.notes, watch=True)
            watched = unseen_until_encoded(planned, sources)
        refuse_unfixable(planned)
        with claimed(folder):
            return make_files(planned, sources, workplace(folder, ctx, on_made, watched), ctx)


def _options_for(generation: Generation | None, options: Options | None, spec: EndpointSpec) -> Options:
    """Raises UsageError for a parameter that the endpoint does not have or a value that it does not take."""
    expect(Generation, generation=generation)
    expect(Options, options=options)
    return for_generation(options or Options(), with_defaults(generation or Generation(), spec), spec)


def _folder(out: str | os.PathLike[str]) -> Path:
    try:
        folder = Path(out)
    except TypeError:
        raise UsageError(f"out: should be a path, not {short(out)}") from None
    if not os.fspath(out):
        raise UsageError("out: should be a path, not ''; '.' is the working directory")
    if "\0" in str(folder):
        raise UsageError(f"out: {NO_NUL}")
    return folder


def _spec_of(planned: Plan, endpoint: str | EndpointSpec) -> EndpointSpec:
    if not isinstance(endpoint, EndpointSpec):
        return load_spec(planned.endpoint)
    if endpoint.endpoint != planned.endpoint:
        raise UsageError(f"the plan is for {planned.endpoint}, the spec for {endpoint.endpoint}; plan again")
    return endpoint
