"""How an L2 penalty scales with the size of a network: theory, experiments, and a book."""
