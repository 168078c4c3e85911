"""What other libraries do, asked of the libraries themselves: initial weights and penalties.

PyTorch, Keras, optax and scikit-learn, as their users call them; what is not installed is left out.
"""
