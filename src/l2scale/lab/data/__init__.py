"""Data sets, read or synthetic, split and prepared the same for the same seed everywhere.

Knows nothing of networks.
"""
