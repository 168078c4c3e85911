"""Breaks a line of text into as few lines as it takes, of like lengths, as it will be set."""

from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

_POINTS = 72


def wrap(text: str, width: float, font: FontProperties) -> list[str]:
    """Break a text into as few lines of at most `width` inches as it takes, of like lengths."""
    longest = width * _POINTS
    lines = _fill(text, longest, font)
    while len(lines) < len(text.split()):
        longest *= 0.98
        shorter = _fill(text, longest, font)
        if len(shorter) > len(lines):
            break
        lines = shorter
    return lines


def _fill(text: str, longest: float, font: FontProperties) -> list[str]:
    """Lines of at most `longest` points, each as full as it can be."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _length(longer, font) <= longest:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


@lru_cache(maxsize=4096)  # lines are tried word by word, again and again
def _length(text: str, font: FontProperties) -> float:
    return text_to_path.get_text_width_height_descent(text, font, ismath="$" in text)[0]
