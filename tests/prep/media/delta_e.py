"""Colour differences (CIEDE2000) and a reference transform from any RGB space to sRGB, in floating point."""

from math import atan2, cos, degrees, exp, hypot, radians, sin, sqrt

from fixtures.icc import D50, RgbSpace

Triple = tuple[float, float, float]
# IEC 61966-2-1 adapted to D50, as in everyone's sRGB profile, and its inverse.
SRGB_TO_XYZ = ((0.4360, 0.3851, 0.1431), (0.2225, 0.7169, 0.0606), (0.0139, 0.0971, 0.7141))
XYZ_TO_SRGB = ((3.1339, -1.6169, -0.4906), (-0.9788, 1.9161, 0.0335), (0.0719, -0.2290, 1.4052))


def to_srgb(rgb: Triple, space: RgbSpace) -> Triple:
    """0..255 in *space* to 0..255 in sRGB; what sRGB does not reach is clipped."""
    red, green, blue = (_linear(value / 255, space) for value in rgb)
    xyz = [red * r + green * g + blue * b for r, g, b in zip(space.red, space.green, space.blue, strict=True)]
    return xyz_to_srgb((xyz[0], xyz[1], xyz[2]))


def xyz_to_srgb(xyz: Triple) -> Triple:
    red, green, blue = (_encoded(sum(a * b for a, b in zip(row, xyz, strict=True))) for row in XYZ_TO_SRGB)
    return (red * 255, green * 255, blue * 255)


def lab_to_srgb(lab: Triple) -> Triple:
    lightness, a, b = lab
    middle = (lightness + 16) / 116
    parts = (middle + a / 500, middle, middle - b / 200)
    xyz = [
        white * (part**3 if part > 6 / 29 else 3 * (6 / 29) ** 2 * (part - 4 / 29))
        for part, white in zip(parts, D50, strict=True)
    ]
    return xyz_to_srgb((xyz[0], xyz[1], xyz[2]))


def delta_e(first: Triple, second: Triple) -> float:
    """Between two sRGB colours, 0..255: below 1 nobody sees it."""
    return lab_difference(_lab(first), _lab(second))


def lab_difference(first: Triple, second: Triple) -> float:
    """CIEDE2000 as in Sharma, Wu, Dalal 2005."""
    (l1, a1, b1), (l2, a2, b2) = first, second
    chroma = (hypot(a1, b1) + hypot(a2, b2)) / 2
    g = 0.5 * (1 - sqrt(chroma**7 / (chroma**7 + 25**7)))
    a1, a2 = a1 * (1 + g), a2 * (1 + g)
    c1, c2 = hypot(a1, b1), hypot(a2, b2)
    h1, h2 = degrees(atan2(b1, a1)) % 360, degrees(atan2(b2, a2)) % 360
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    hue = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    light, c = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * cos(radians(hue - 30)) + 0.24 * cos(radians(2 * hue))
    t += 0.32 * cos(radians(3 * hue + 6)) - 0.20 * cos(radians(4 * hue - 63))
    dl = (l2 - l1) / (1 + 0.015 * (light - 50) ** 2 / sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * c)
    dh = 2 * sqrt(c1 * c2) * sin(radians(turn / 2)) / (1 + 0.015 * c * t)
    rotation = -2 * sqrt(c**7 / (c**7 + 25**7)) * sin(radians(60 * exp(-(((hue - 275) / 25) ** 2))))
    return sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def _lab(srgb: Triple) -> Triple:
    linear = [_decoded(value / 255) for value in srgb]
    parts = [
        sum(a * b for a, b in zip(row, linear, strict=True)) / white
        for row, white in zip(SRGB_TO_XYZ, D50, strict=True)
    ]
    x, y, z = (part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29 for part in parts)
    return (116 * y - 16, 500 * (x - y), 200 * (y - z))


def _linear(value: float, space: RgbSpace) -> float:
    gamma, a, b, c, d = space.curve
    return float((a * value + b) ** gamma) if value >= d else c * value


def _decoded(value: float) -> float:
    return float(((value + 0.055) / 1.055) ** 2.4) if value > 0.04045 else value / 12.92


def _encoded(value: float) -> float:
    value = min(1.0, max(0.0, value))
    return float(1.055 * value ** (1 / 2.4) - 0.055) if value > 0.0031308 else value * 12.92
