"""Many runs: declared at a scale, cut into groups, trained on all there is, kept for the next time.

`sweep` makes one tidy table of them.
"""
