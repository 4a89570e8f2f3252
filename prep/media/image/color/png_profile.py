"""ICC profile for a PNG that states its colours as numbers (gAMA, cHRM), as browsers read them.

Pillow hands the numbers over and leaves them at that; LittleCMS converts by profiles only.
"""

import struct
from collections.abc import Sequence
from typing import Any

Matrix = Sequence[Sequence[float]]

# x and y of white, red, green and blue: BT.709 and sRGB, with D65.
SRGB = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
SRGB_GAMMA = 0.45455
# Writers round, and call sRGB what is nearly so.
GAMMA_SLACK, CHROMATICITY_SLACK = 0.03, 0.005
LEAST_GAMMA, MOST_GAMMA = 0.1, 5.0
# ICC.1:2001-04: the white that profiles refer to, and the matrix (Bradford) by which whites are adapted.
D50 = (0.9642, 1.0, 0.8249)
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def stated_profile(info: dict[Any, Any]) -> bytes | None:
    """The profile in Pillow's *info* of a picture, or one made from the gamma and chromaticities there; None: as sRGB.

    A profile or an sRGB chunk goes before, and chromaticities count only with a gamma (PNG, third edition, 4.3).
    """
    if "icc_profile" in info or "srgb" in info or "gamma" not in info:
        profile: bytes | None = info.get("icc_profile")
        return profile
    gamma, points = info["gamma"], info.get("chromaticity") or SRGB
    near = max(abs(a - b) for a, b in zip(points, SRGB, strict=True)) <= CHROMATICITY_SLACK
    if not LEAST_GAMMA <= gamma <= MOST_GAMMA or (near and abs(gamma - SRGB_GAMMA) <= GAMMA_SLACK):
        return None
    try:
        return _profile(1 / gamma, _colorants(points))
    except (ZeroDivisionError, struct.error):
        return None  # chromaticities that are no colours


def _colorants(points: Sequence[float]) -> list[list[float]]:
    """The rows are the XYZ of red, green and blue under D50."""
    white, *primaries = ([x / y, 1.0, (1 - x - y) / y] for x, y in zip(points[::2], points[1::2], strict=True))
    columns = _transposed(primaries)
    shares = _times(_inverse(columns), white)
    scaled = [[row[i] * shares[i] for i in range(3)] for row in columns]
    cones, wanted = _times(BRADFORD, white), _times(BRADFORD, D50)
    gains = [[wanted[i] / cones[i] * value for value in BRADFORD[i]] for i in range(3)]
    adapt = [_times(_transposed(gains), row) for row in _inverse(BRADFORD)]
    return [_times(adapt, column) for column in _transposed(scaled)]


def _profile(exponent: float, colorants: list[list[float]]) -> bytes:
    curve = struct.pack(">4s4xIHxx", b"curv", 1, round(exponent * 256))
    tags = {
        b"desc": b"desc" + struct.pack(">4xI", 5) + b"gAMA\0" + bytes(78 + 1),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": _xyz(D50),
        **dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, colorants), strict=True)),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = 128 + len(table) + len(body)
    head = struct.pack(">I4xI4s4s4s12x4s28x", size, 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return head + struct.pack(">3i", *(round(value * 65_536) for value in D50)) + bytes(48) + table + body


def _xyz(value: Sequence[float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(part * 65_536) for part in value))


def _times(matrix: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def _transposed(matrix: Matrix) -> list[list[float]]:
    return [list(column) for column in zip(*matrix, strict=True)]


def _inverse(matrix: Matrix) -> list[list[float]]:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    first, second, third = e * i - f * h, f * g - d * i, d * h - e * g
    determinant = a * first + b * second + c * third
    rows = (
        (first, c * h - b * i, b * f - c * e),
        (second, a * i - c * g, c * d - a * f),
        (third, b * g - a * h, a * e - b * d),
    )
    return [[value / determinant for value in row] for row in rows]
