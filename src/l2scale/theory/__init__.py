"""Closed forms: what a penalty costs, what it pulls with, and where initial weights put it.

Nothing here trains a network or imports a framework: every function is arithmetic on shapes and
arrays. Throughout, ``E(w) = mean loss + lam * sum_l c_l ||W_l||_F^2``, without a factor 1/2.
"""
