"""Publishes figures and numbers: in a notebook as pictures, on the site with all their files."""

from l2scale.press.display import report, show

__all__ = ["report", "show"]
