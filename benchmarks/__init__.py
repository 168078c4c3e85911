"""Speed, as ratios measured side by side in one run, and how cost grows with what is trained.

`work` says what is trained. `contenders`, `ensembles` and `in_jax` train it as a reader would,
`peak` finds what the machine could do, `throughput` lets them take turns, and `growth` measures
what more networks, units, layers and samples cost. `make bench` runs both.
"""
