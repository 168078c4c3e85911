"""How numbers and figures look, in the book and in what a reader prints of a model.

All packages may use it, and it uses none of them.
"""
