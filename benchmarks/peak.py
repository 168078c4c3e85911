"""What the machine could do: products of large matrices in float32, and copies in memory."""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import torch

from benchmarks.pool import everywhere
from l2scale.lab import machine

SIDE = {"cpu": 1024, "cuda": 8192}
"""Rows of the square matrices: large enough for a core, or for a GPU."""


def sgemm(kind: str, seconds: float = 0.5) -> float:
    """Floating-point operations per second of products, all cores or all GPUs of a kind together.

    On a CPU every core has a product of its own, in a process of one thread, at the same time.
    """
    if kind == "cpu":
        return sum(everywhere(machine.workers("cpu"), product_rate, "cpu", SIDE["cpu"], seconds))
    return sum(product_rate(device, SIDE["cuda"], seconds) for device in machine.devices(kind))


def bandwidth(device: str, size: int = 2**30, seconds: float = 0.5) -> float:
    """Bytes per second, read and written, of copies of `size` bytes."""
    source = torch.zeros(size, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    return 2 * size * _rate(lambda: target.copy_(source), device, seconds)


def product_rate(device: str, side: int, seconds: float) -> float:
    """Floating-point operations per second of one product after the other, at the best of them.

    On a CPU torch and numpy bring a BLAS each, and which one is faster depends on the CPU.
    """
    a = torch.rand(side, side, device=device)
    b, out = torch.rand_like(a), torch.empty_like(a)
    products: list[Callable[[], object]] = [lambda: torch.mm(a, b, out=out)]
    if device == "cpu":
        x, y, z = (each.numpy() for each in (a, b, out))
        products.append(lambda: np.matmul(x, y, out=z))
    return 2.0 * side**3 * max(_rate(product, device, seconds) for product in products)


def _rate(task: Callable[[], object], device: str, seconds: float) -> float:
    """Calls per second at the fastest call, after one to warm up."""
    wait = torch.cuda.synchronize if device.startswith("cuda") else lambda: None
    task()
    wait()
    best, end = float("inf"), perf_counter() + seconds
    while perf_counter() < end:
        start = perf_counter()
        task()
        wait()
        best = min(best, perf_counter() - start)
    return 1 / best
