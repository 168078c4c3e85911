"""Networks beyond plain multilayer perceptrons, R of one shape at once, with gradients by autograd.

Every tensor is (R, a, b): products of R networks are one `torch.bmm`. What a network is made of
stands in `parts`, each architecture in a module of its own, and all of them in `build`.
"""
