"""Every rule: its stable name, its meaning, its reason and its remedy."""

from prep.model.finding import Rule
from prep.rules.catalogue.audio import AUDIO_RULES
from prep.rules.catalogue.image import IMAGE_RULES
from prep.rules.catalogue.prompt import PROMPT_RULES
from prep.rules.catalogue.reference_set import REFERENCE_SET_RULES
from prep.rules.catalogue.refusal import REFUSAL_RULES
from prep.rules.catalogue.request import REQUEST_RULES
from prep.rules.catalogue.timeline import TIMELINE_RULES
from prep.rules.catalogue.unreadable import UNREADABLE_RULES
from prep.rules.catalogue.video import VIDEO_RULES

# The rules that a check can break, before anything is sent.
CHECKED: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        *IMAGE_RULES,
        *VIDEO_RULES,
        *TIMELINE_RULES,
        *AUDIO_RULES,
        *REFERENCE_SET_RULES,
        *PROMPT_RULES,
        *UNREADABLE_RULES,
    )
}
RULES: dict[str, Rule] = CHECKED | {rule.name: rule for rule in (*REQUEST_RULES, *REFUSAL_RULES)}
