"""Numbers that the compiled kernels and the trainer in lockstep have in common."""

BETAS = (0.9, 0.999)  # of Adam: the shares of the old that averages of force and square keep
EPS = 1e-8  # of Adam
MEMORY = 10  # of L-BFGS: pairs of steps and gradient changes that model the curvature
# Of SplitMix64, whose words say what dropout drops: its factors, its shifts, and how many of a
# word's binary digits, from the first on, are the number that is compared with the rate.
SPLITMIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
SHIFTS = (30, 27, 31)
DIGITS = 53
