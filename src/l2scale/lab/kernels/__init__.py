"""Training on a CPU, compiled: steps of an optimiser, and descents to a minimum.

Knows arrays alone; `l2scale.lab.training.compiled` gives them those of a run.
"""
