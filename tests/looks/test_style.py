"""Colours can be told from the page and from each other, and a theme leaves no trace."""

from itertools import combinations

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from l2scale.looks import style

PENALTIES = ("sum", "mean", "tensor_mean", "fan", "prior")
FAMILIES = (PENALTIES, ("sgd", "momentum", "adam", "adamw"), ("data", "penalty"))
TEXT, GRAPHICS = 4.5, 3.0  # WCAG 2.1, contrast (minimum) and non-text contrast

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
VISION = {
    "full": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
}


def linear(colour: str) -> np.ndarray:
    rgb = np.array(to_rgb(colour))
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    weights = np.array([0.2126, 0.7152, 0.0722])
    bright, dim = sorted((float(weights @ linear(c)) for c in (one, other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, white point D65."""
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    t = to_xyz @ np.clip(rgb, 0, 1) / np.array([0.9505, 1.0, 1.089])
    x, y, z = np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("mode", style.MODES)
def test_every_colour_stands_out_from_its_page(mode):
    with style.theme(mode):
        paper = style.colour("paper")
        for name in style.NAMES:
            if name not in ("paper", "grid"):
                needed = TEXT if name in ("ink", "muted") else GRAPHICS
                assert contrast(style.colour(name), paper) >= needed, name


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("mode", style.MODES)
def test_colours_of_one_family_are_told_apart(mode, vision):
    with style.theme(mode):
        for family in FAMILIES:
            for one, other in combinations(family, 2):
                seen = [lab(VISION[vision] @ linear(style.colour(name))) for name in (one, other)]
                assert np.linalg.norm(seen[0] - seen[1]) > 10, (one, other)


def test_markers_of_one_family_differ():
    for family in FAMILIES:
        assert len({style.marker(name) for name in family}) == len(family)


@pytest.mark.parametrize("mode", style.MODES)
def test_shades_are_in_order_and_stand_out(mode):
    with style.theme(mode):
        contrasts = [contrast(shade, style.colour("paper")) for shade in style.shades(6)]
    assert contrasts == sorted(contrasts)
    assert contrasts[0] >= TEXT


def test_one_shade_is_the_strongest():
    assert style.shades(1) == style.shades(4)[-1:]
    with pytest.raises(ValueError, match="cannot make 0 shades"):
        style.shades(0)


def test_a_theme_ignores_what_was_set_outside_and_restores_it():
    with matplotlib.rc_context({"lines.linewidth": 9.0, "font.size": 3.0}):
        with style.theme("dark"):
            inside = dict(matplotlib.rcParams)
            assert style.colour("paper") == "#121212"
        assert matplotlib.rcParams["lines.linewidth"] == 9.0
    with style.theme("dark"):
        assert dict(matplotlib.rcParams) == inside
    assert style.colour("paper") == "#ffffff"


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="'blue' has no colour: choose one of sum, mean"):
        style.colour("blue")
    with pytest.raises(ValueError, match="'ink'"):
        style.marker("ink")
    with pytest.raises(ValueError, match="unknown mode 'sepia'"), style.theme("sepia"):
        pass
