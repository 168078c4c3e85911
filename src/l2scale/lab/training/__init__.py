"""One run and what becomes of it: networks, losses, optimisers, minima and what is measured.

`trainer` trains many runs of one shape together, by compiled kernels or in lockstep.
"""
