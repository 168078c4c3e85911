"""Punctuation as it is printed, so that texts can be written with the keys of a keyboard."""

import re

_RULES = (
    (r"(?<=\w)'", "’"),
    (r'(?<![=\w])"([^"]*)"', r"“\1”"),
    (r"(?<![\w\]).])-(?=\d)", "−"),  # a sign: not a hyphen, a range or an exponent
)


def typeset(text: str) -> str:
    """Text on one line, with apostrophes, quotation marks and minus signs.

    >>> typeset('''the sum's exponent is "flat": -0.1 [-0.2, 0.1] on 10-16-3, 1e-06''')
    'the sum’s exponent is “flat”: −0.1 [−0.2, 0.1] on 10-16-3, 1e-06'
    """
    text = " ".join(text.split())
    for pattern, replacement in _RULES:
        text = re.sub(pattern, replacement, text)
    return text
