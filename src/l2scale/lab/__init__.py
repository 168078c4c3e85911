"""Makes measurements, in five rooms: data, training, kernels, estimates and sweeps.

Sweeps train, training steps through data with kernels, and estimates read the tables. Beside the
rooms stand what they share: checks of values, the machine at hand, and a digest of the code.
A room hands on nothing: a name is imported from the module that makes it.
"""
