"""What the prose quotes."""

from l2scale.catalogue.results import Result


def numbers(result: Result) -> dict[str, str]:
    """What the prose quotes."""
    return {}
