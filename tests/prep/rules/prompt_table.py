"""Prompts, the references that they may name, and the rules that they break (rule: severity)."""

from typing import NamedTuple

from tests.prep.rules.tables import ERROR, WARNING


class PromptCase(NamedTuple):
    """*tags* maps each tag to the user's name for it, or None."""

    id: str
    prompt: str
    tags: dict[str, str | None]
    broken: dict[str, str]


TAGS: dict[str, str | None] = {"@Image1": "hero", "@Video1": "walk", "@Audio1": None}
HERO: dict[str, str | None] = {"@Image1": "hero"}
UNUSED = {"prompt-reference-unused": WARNING}
UNKNOWN = {"prompt-tag-undefined": ERROR}
BEYOND = {"prompt-tag-out-of-range": ERROR}
PROMPT_CASES = (
    PromptCase("empty", "", {}, {"prompt-empty": ERROR}),
    PromptCase("blank", " \n\t ", TAGS, {"prompt-empty": ERROR}),
    PromptCase("no references", "a cat", {}, {}),
    PromptCase("all by tag", "@Image1 walks as in @Video1 to @Audio1", TAGS, {}),
    PromptCase("all by name", "@hero walks as in @walk to @Audio1", TAGS, {}),
    PromptCase("in another case", "@HERO @Walk @aUDIO1", TAGS, {}),
    PromptCase("one is not named", "@hero walks to @Audio1", TAGS, UNUSED),
    PromptCase("none is named", "she walks", HERO, UNUSED),
    PromptCase("a number too high", "@Image1 and @Image2", HERO, BEYOND),
    PromptCase("a number of two digits", "@hero @Image10", HERO, BEYOND),
    PromptCase("the number 0", "@hero @Image0", HERO, BEYOND),
    PromptCase("a kind that is not there", "@hero @Video1", HERO, BEYOND),
    PromptCase("a typo", "@hreo walks", HERO, UNKNOWN | UNUSED),
    PromptCase("a longer word", "@heroes walk with @hero", HERO, UNKNOWN),
    PromptCase("a tag with letters", "@hero in @Image1s coat", HERO, UNKNOWN),
    PromptCase("an e-mail address", "write to hero@hero.org, @hero", HERO, {}),
    PromptCase("an e-mail address of a nobody", "me.too+cat-1@home.org, @hero", HERO, {}),
    PromptCase("doubled", "@@hero and @@nobody", HERO, UNUSED),
    PromptCase("alone", "look @ this, @hero", HERO, {}),
    PromptCase("before a number", "5 @2x, @hero", HERO, {}),
    PromptCase("at the very start and end", "@hero", HERO, {}),
    PromptCase("in brackets", "(@hero)", HERO, {}),
    PromptCase("before a full stop", "It is @hero.", HERO, {}),
    PromptCase("before a comma", "@hero, walking", HERO, {}),
    PromptCase("possessive", "@hero's coat", HERO, {}),
    PromptCase("in quotes", '"@hero"', HERO, {}),
    PromptCase("on a new line", "first\n@hero\nlast", HERO, {}),
    PromptCase("after a slash", "hero/@hero", HERO, {}),
    PromptCase("before a hyphen", "a @hero-like figure", HERO, {}),
    PromptCase("before two hyphens", "@Image1-style-ish", HERO, {}),
    PromptCase("before a dash", "@hero-- and so on", HERO, {}),
    PromptCase("a hyphen in the name", "the @walk-in scene", {"@Video1": "walk-in"}, {}),
    PromptCase("the longer name first", "@walk-in", {"@Video1": "walk", "@Video2": "walk-in"}, UNUSED),
    PromptCase("an underscore in the name", "@my_hero", {"@Image1": "my_hero"}, {}),
    PromptCase("an underscore ends the name", "@hero_ walks", {"@Image1": "hero_"}, {}),
    PromptCase("a hyphen ends the name", "@hero- walks", {"@Image1": "hero-"}, {}),
    PromptCase("an underscore after the name", "@hero_ walks", HERO, {}),
    PromptCase("between Chinese words", "让 @Image1 走路", HERO, {}),
    PromptCase("right before Chinese words", "@Image1在雨中走路", HERO, {}),
    PromptCase("right between Chinese words", "让@Image1走路", HERO, {}),
    PromptCase("right after kana", "これは@heroです", HERO, {}),
    PromptCase("after Chinese punctuation", "你好，@Image1。", HERO, {}),
    PromptCase("named twice", "@hero and @hero and @Image1", HERO, {}),
    PromptCase("two typos", "@hreo @hroe @hero", HERO, UNKNOWN),
)
