"""Numbers that the compiled kernels and the trainer in lockstep have in common."""

BETAS = (0.9, 0.999)  # of Adam: the shares of the old that averages of force and square keep
EPS = 1e-8  # of Adam
MEMORY = 10  # of L-BFGS: pairs of steps and gradient changes that model the curvature
