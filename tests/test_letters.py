"""A letter to which a chapter gives another meaning is in the table of its page."""

import re
from pathlib import Path

import pytest

CHAPTERS = Path(__file__).parents[1] / "chapters"
REUSED = {
    "batches": r"\alpha \beta \gamma N T",
    "bad_start": "e m q s",
    "crush": r"D_0 F G e_i e_c m p q s \alpha \beta \kappa \xi \rho \tau",
    "early_stopping": "b_j v_j x g",
    "fan_scale": "m n q_l r_l",
    "normalised": r"G V_t a k p_t s \rho",
    "one_lambda": r"B D m q \gamma(a) \delta_l \xi \rho_a",
    "other_optimisers": r"a k p q s \alpha U",
    "samples": r"N a e_j m p q r(\theta) \beta \xi \phi",
    "underfit": "p Q S s z",
    "wider_adamw": "c d",
    "wider_muon": r"d f s O \kappa",
    "width_limit": r"K R y_i z r s p_j \beta \kappa \mu_j \theta \tau",
}


def letters(text: str) -> str:
    """The first column of the page's table of letters."""
    rows = re.search(r"-letters\n\n(?P<rows>(\|.*\n)+)", text)
    assert rows, "no table of letters"
    return " ".join(line.split(" | ")[0] for line in rows["rows"].splitlines())


@pytest.mark.parametrize(("slug", "reused"), REUSED.items())
def test_a_letter_with_another_meaning_is_in_the_table_of_its_page(slug: str, reused: str) -> None:
    text = (CHAPTERS / f"{slug}.md").read_text(encoding="utf-8")
    listed = letters(text)
    for letter in reused.split():
        assert re.search(rf"(?<![A-Za-z\\]){re.escape(letter)}(?![A-Za-z])", listed), letter


def test_the_gain_of_a_width_needs_no_letter() -> None:
    text = (CHAPTERS / "which_penalty.md").read_text(encoding="utf-8")
    assert r"\phi" not in text
