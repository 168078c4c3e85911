"""From tables of networks to optimal lambdas, exponents and regrets, each with its interval.

Trains nothing, and takes any table that has the columns.
"""
