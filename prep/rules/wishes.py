"""Advice about a prompt and its parameters together, before they are paid for. Nothing here fails a run."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from prep.model.generation import Generation
from prep.model.limits import EndpointSpec
from prep.model.media import AudioInfo, MediaInfo, VideoInfo
from prep.model.reference import Part
from prep.rules.amounts import amount, count
from prep.rules.findings import Findings, about, advice
from prep.rules.prompt import MENTION, mentionable, mentions

# Scripts without spaces between words: Chinese, Japanese, Korean.
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
# Whatever of a reference is no longer than this beyond the result is not worth a word.
NEGLIGIBLE_S = 0.5
NEGATION = re.compile(r"\b(?:no|not|never|without|mute|muted)\b", re.IGNORECASE)
CLAUSE_END = re.compile(r"[,.;:!?\n]")
SOUND = re.compile(
    r"\b(?:music|songs?|sings?|singing|soundtrack|melody|voice(?:s|over|-over)?|says?|saying|speaks|speaking|dialogue"
    r"|narrat(?:es?|ion|or|ing)|whispers?|shouts?|sounds? of|sound effects?)\b|音乐|歌声|声音|说道|对白|旁白",
    re.IGNORECASE,
)
EDIT = re.compile(
    r"\b(?:change|replaces?|removes?|add|edit|swaps?|erases?|delete|insert|modify|recolou?r|restyle)\b"
    r"(?P<rest>[^.!?;\n]*)|(?:替换|换成|改成|修改|删除|去掉|添加)",
    re.IGNORECASE,
)
MENTIONED = "\0"  # stands for the mention of a video
VIDEO_WORD = re.compile(r"\x00|\b(?:video|clip|footage)\b|视频", re.IGNORECASE)


class Wishes(NamedTuple):
    """*media* are the files that are sent, by tag, *names* the user's names, *labels* the names of the files.

    *generation* has its defaults. *parts* are those that the user chose, of the sources' time; *prepared*: the files
    were made by an earlier command, which has the options that choose a part.
    """

    prompt: str
    generation: Generation
    media: Mapping[str, MediaInfo]
    names: Mapping[str, str | None]
    labels: Mapping[str, str] = MappingProxyType({})
    parts: Mapping[str, Part] = MappingProxyType({})
    prepared: bool = False


def check_wishes(wishes: Wishes, spec: EndpointSpec) -> Findings:
    """Every finding about what the prompt asks for and the parameters don't fit."""
    return (
        *check_prompt_length(wishes.prompt, spec),
        *_sound(wishes),
        *_editing(wishes, spec),
        *_shorter(wishes),
    )


def check_prompt_length(prompt: str, spec: EndpointSpec) -> Findings:
    """One finding when *prompt* is longer than what the model is said to follow."""
    characters = len(UNSPACED.findall(prompt))
    words = len(UNSPACED.sub(" ", prompt).split())
    limit, actual, noun = spec.set.useful_prompt_words, words, "word"
    if characters > words:
        limit, actual, noun = spec.set.useful_prompt_characters, characters, "character"
    if limit is None or actual <= limit.value:
        return ()
    message = f"the prompt has {count(actual, noun)}; beyond {limit.value:,} the model reportedly loses details"
    return advice("prompt-longer-than-useful", actual, limit.value, message)


def _sound(wishes: Wishes) -> Findings:
    """Sound in the prompt of a silent video. Names of references say nothing about what is wanted."""
    if wishes.generation.generate_audio is not False:
        return ()
    text = MENTION.sub(" ", wishes.prompt)
    for match in SOUND.finditer(text):
        if NEGATION.search(CLAUSE_END.split(text[: match.start()])[-1]):
            continue
        message = f'the prompt asks for sound ("{match[0]}"), but the video is generated without sound'
        return advice("request-sound-not-generated", "generate_audio=False", "generate_audio=True", message)
    return ()


def _editing(wishes: Wishes, spec: EndpointSpec) -> Findings:
    """A prompt that reads as the editing of a video, where the endpoint has a task for that and it is not chosen."""
    task = spec.request.get("task")
    if task is None or "editing" not in task.resets or wishes.generation.asked().get("task", task.default) == "editing":
        return ()
    asked = wishes.generation.asked()
    fixed = [
        f"{name}={asked[name]}"
        for name in task.resets["editing"]
        if name in asked and asked[name] != spec.request[name].default
    ]
    if not fixed or not (phrase := _edit_phrase(wishes)):
        return ()
    message = (
        f'the prompt seems to ask for an edit of a video ("{phrase}"), which has the length and aspect ratio of that '
        f"video: with {' and '.join(fixed)} it may be refused"
    )
    return advice("request-reads-as-editing", ", ".join(fixed), "auto", message)


def _edit_phrase(wishes: Wishes) -> str:
    """The words that ask for an edit of a video reference; empty when none do."""
    videos = {tag for tag, info in wishes.media.items() if isinstance(info, VideoInfo)}
    if not videos:
        return ""
    text = wishes.prompt
    for match, word, tag in mentions(wishes.prompt, mentionable(wishes.names)):
        if tag in videos:
            length = 1 + len(word)
            text = f"{text[: match.start()]}{MENTIONED:<{length}}{text[match.start() + length :]}"
    for match in EDIT.finditer(text):
        rest = match["rest"]
        if VIDEO_WORD.search(text if rest is None else rest):
            words = wishes.prompt[match.start() : match.end()].split()
            return " ".join(words[:6]) + ("…" if len(words) > 6 else "")
    return ""


def _shorter(wishes: Wishes) -> Findings:
    """References that the prompt names and that go on when the result has ended."""
    if wishes.generation.fixed_s is None:
        return ()
    output_s = float(wishes.generation.fixed_s)
    named = {tag for _, _, tag in mentions(wishes.prompt, mentionable(wishes.names))}
    findings: list[Findings] = []
    for tag, info in wishes.media.items():
        if (
            tag not in named
            or not isinstance(info, VideoInfo | AudioInfo)
            or info.duration_s <= output_s + NEGLIGIBLE_S
        ):
            continue
        billed = f", but is billed; {_keep_less(wishes, tag, output_s)}" if isinstance(info, VideoInfo) else ""
        lasts, most = amount(info.duration_s, "s"), amount(output_s, "s")
        message = f"{lasts} are sent, but only {most} are generated: the rest has no effect{billed}"
        finding = advice("request-shorter-than-reference", round(info.duration_s, 3), output_s, message, "s")
        findings.append(about(finding, wishes.labels.get(tag, tag), tag))
    return tuple(finding for group in findings for finding in group)


def _keep_less(wishes: Wishes, tag: str, most_s: float) -> str:
    """The way to keep *most_s* seconds of a video: `seconds` has no effect where the user chose a part."""
    part = wishes.parts.get(tag)
    if part is None:
        if wishes.prepared:
            return f"prepare again with 'prep-and-submit prep ... --seconds {most_s:g}' to keep less"
        return f"`seconds={most_s:g}` keeps less"
    less = Part(best_s=most_s) if part.best_s is not None else Part(start_s=part.start_s, end_s=part.start_s + most_s)
    return f"prepare again with #{less.text} to keep less" if wishes.prepared else f"#{less.text} keeps less"
