"""The real problems of the atlas, by family, and those that are kept out of it."""

from l2scale.lab.data.tables import TABLES

FAMILIES: dict[str, tuple[str, ...]] = {
    "images": (
        "digits", "mnist_5k", "letter", "penbased", "satimage", "segment", "texture",
    ),
    "signals": ("ionosphere", "movement_libras", "phoneme", "sonar", "vowel"),
    "medicine": (
        "breast", "bupa", "heart", "mammographic", "mushroom", "pima", "saheart", "splice",
    ),
    "finance": ("australian", "credit", "default", "german", "nyse", "smarket"),
    "trade": ("bikeshare", "caravan", "carseats", "marketing", "oj"),
    "society": ("college", "contraceptive", "hitters"),
    "technology": ("auto", "bands", "spambase"),
    "games": ("chess", "tic_tac_toe"),
}  # fmt: skip
"""Data sets by family, which is left out whole when a rule is judged; medicine has biology too."""

HELD_OUT = ("breast_cancer", "diabetes", "magic", "vehicle", "wage", "wine")
"""Data sets that no rule of the atlas has seen, for testing what it suggests."""

FAMILY = {name: family for family, names in FAMILIES.items() for name in names}
LARGEST = {name: TABLES[name].largest for name in FAMILY if name in TABLES} | {"digits": 1077}
"""Samples of the whole training part."""

STEPPED = (125, 500, 2000)
WORTH = 1.5  # all samples of a small set are one more size if there are so many more


def sizes(name: str) -> list[int]:
    """How many samples of a data set are learned from: 125, 500 and 2,000, or else all it has."""
    found = [n for n in STEPPED if n <= LARGEST[name]]
    everything = LARGEST[name]
    more = everything < STEPPED[-1] and everything >= WORTH * found[-1]
    return [*found, everything] if more else found


def is_regression(name: str) -> bool:
    """Whether numbers are predicted."""
    return name in TABLES and TABLES[name].task == "regression"
