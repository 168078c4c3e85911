"""Signs as they are printed, so that texts can be written with the keys of a keyboard."""

import re

_RULES = (
    (r"(?<=\w)'", "’"),
    (r'(?<![=\w])"([^"]*)"', r"“\1”"),
    (r"(?<![\w\]).])-(?=\d)", "−"),  # a sign: not a hyphen, a range or an exponent
    (r"\bn_in\b", "nᵢₙ"),
    (r"\bn_out\b", "nₒᵤₜ"),
    (r'(?<![="“])\btensor_mean\b', "tensor mean"),  # a penalty's name, but where code types it
)
_SCIENTIFIC = re.compile(r"(?<![\w=.])(?P<factor>\d+(?:\.\d+)?)e(?P<exponent>[-+]?\d{1,3})\b")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def typeset(text: str) -> str:
    """Text on one line, with apostrophes, quotation marks, minus signs, powers of ten and indices.

    Numbers that are typed into code, as in lr=1e-3, stay what they are; names of fans do not.

    >>> typeset('''the sum's exponent is "flat": -0.1 [-0.2, 0.1] on 10-16-3, to 4.2e-06''')
    'the sum’s exponent is “flat”: −0.1 [−0.2, 0.1] on 10-16-3, to 4.2×10⁻⁶'
    """
    text = " ".join(text.split())
    for pattern, replacement in _RULES:
        text = re.sub(pattern, replacement, text)
    return _SCIENTIFIC.sub(_power_of_ten, text)


def _power_of_ten(number: re.Match[str]) -> str:
    factor, exponent = number["factor"], str(int(number["exponent"]))
    if exponent == "0" or not float(factor):
        return factor
    power = f"10{exponent.translate(_RAISED)}"
    return power if factor == "1" else f"{factor}×{power}"
