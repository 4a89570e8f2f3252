"""Numbers for people: sizes, seconds, pixels, moments and spans of a clip."""

from prep.model.finding import Unit

DIGITS = 3  # significant ones; more only where two numbers would look alike
EXACT_BYTES = 7  # from so many digits on, bytes are counted out
MOST_DIGITS = 12


def amount(value: float, unit: Unit, digits: int = DIGITS) -> str:
    """One number with its unit, to *digits* significant digits: "31.2 MB", "15 s", "927,408 px"."""
    match unit:
        case "bytes":
            return _size(value, digits)
        case "px":
            return f"{int(value):,} px"
        case "fps":
            return f"{_plain(value, digits + 1)} fps"  # 23.976 and 29.97 are the names of their rates
        case "s" | "LUFS" | "bit/s":
            return f"{_plain(value, digits)} {unit}"
        case "files":
            return f"{int(value)}"
        case _:
            return _plain(value, digits)


def amounts(first: float, second: float, unit: Unit) -> tuple[str, str]:
    """Both numbers with their unit, with just enough digits that different numbers look different."""
    for digits in range(DIGITS, MOST_DIGITS + 1):
        texts = amount(first, unit, digits), amount(second, unit, digits)
        if texts[0] != texts[1] or first == second:
            return texts
    return f"{first}", f"{second}"


def moment(seconds: float, decimals: int = 1) -> str:
    """A point in a clip: "0:02.5", "1:03.0", "1:02:03.5"."""
    scale = 10**decimals
    minutes, rest = divmod(round(seconds * scale), 60 * scale)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02}" if hours else f"{minutes}"
    return f"{clock}:{rest / scale:0{decimals + 3}.{decimals}f}"


def span(start_s: float, duration_s: float) -> str:
    """A part of a clip: "1:03.0–1:05.1 (2.1 s)"; all three with two decimals if the length needs them."""
    length = amount(duration_s, "s")
    decimals = max(1, len(length.partition(".")[2].removesuffix(" s")))
    return f"{moment(start_s, decimals)}–{moment(start_s + duration_s, decimals)} ({length})"


def tenths(seconds: float) -> str:
    """A length as a part of a clip has it: "2.1 s", "11 s"."""
    return f"{seconds:,.1f}".removesuffix(".0") + " s"


def count(number: int, noun: str) -> str:
    """The number with its noun: "1 file", "12 files"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: list[str]) -> str:
    """An enumeration: "a", "a and b", "a, b and c"."""
    return " and ".join(part for part in (", ".join(words[:-1]), *words[-1:]) if part)


def _size(value: float, digits: int) -> str:
    if digits >= EXACT_BYTES:
        return f"{int(value):,} bytes"
    if value >= 1e9:
        return f"{_plain(value / 1e9, digits)} GB"
    if value >= 1e6:
        return f"{_plain(value / 1e6, digits)} MB"
    return f"{_plain(value / 1e3, digits)} kB"


def _plain(value: float, digits: int) -> str:
    """*digits* significant digits, but every digit before the point."""
    before = len(str(int(abs(value))))
    text = f"{value:,.{max(0, digits - before)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
