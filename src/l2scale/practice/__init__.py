"""Tools for a model of your own: what its penalty does, and how to hand it to an optimiser."""
