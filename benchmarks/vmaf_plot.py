"""A line chart as SVG: VMAF per second, one line for each clip."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 860, 400
LEFT, TOP, RIGHT, BOTTOM = 48, 16, 250, 40
LOWEST = 85.0
# Okabe and Ito's palette, which colour-blind readers can tell apart; dashes mark the second round of it.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")
DASHES = ("none", "6 3", "2 3", "8 3 2 3")


def plot(clips: Mapping[str, Sequence[float]], mean_target: float, second_target: float) -> str:
    """The chart of *clips* (name: VMAF of each second), with lines at the two targets."""
    longest = max((len(values) for values in clips.values()), default=1)
    across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    lowest = min([LOWEST, *(value // 5 * 5 for values in clips.values() for value in values)])

    def x(second: float) -> float:
        return LEFT + second / longest * across

    def y(value: float) -> float:
        return TOP + (100 - value) / (100 - lowest) * down

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for grid in range(int(lowest), 101, 5):
        parts.append(f'<path d="M{LEFT} {y(grid):.1f}H{LEFT + across}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(grid) + 4:.1f}" text-anchor="end">{grid}</text>')
    parts += [
        f'<text x="{x(second):.1f}" y="{TOP + down + 18}" text-anchor="middle">{second} s</text>'
        for second in range(0, longest + 1, max(1, longest // 8))
    ]
    for value, label in ((mean_target, "target for the mean"), (second_target, "target for each second")):
        parts.append(f'<path d="M{LEFT} {y(value):.1f}H{LEFT + across}" stroke="#888" stroke-dasharray="4 4"/>')
        at = f'x="{LEFT + across - 4}" y="{y(value) + 14:.1f}"'
        parts.append(f'<text {at} text-anchor="end" fill="#666">{label}</text>')
    for index, (name, values) in enumerate(clips.items()):
        stroke = COLOURS[index % len(COLOURS)]
        dash = DASHES[index // len(COLOURS) % len(DASHES)]
        # in the middle of its second, and a level piece for a clip of one second
        points = [
            f"{x(second + part):.1f},{y(value):.1f}" for second, value in enumerate(values) for part in (0.3, 0.7)
        ]
        style = f'fill="none" stroke="{stroke}" stroke-width="2" stroke-dasharray="{dash}"'
        parts.append(f'<polyline points="{" ".join(points)}" {style}/>')
        row = TOP + 12 + index * 18
        parts.append(f'<path d="M{LEFT + across + 14} {row - 4}h22" {style}/>')
        parts.append(f'<text x="{LEFT + across + 42}" y="{row}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])
