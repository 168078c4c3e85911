"""A training step as one CUDA graph.

A step is some twenty small kernels, and starting each from Python takes longer than many of them
run. A captured step is started once, as a whole, on the same memory every time.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

WARM_UP = 3  # steps before the capture, in which the libraries choose their kernels and workspaces


def capture(step: Callable[[], None], changes: Sequence[Tensor]) -> Callable[[], None]:
    """A function that repeats `step` on its GPU without waiting for it; on a CPU, `step` itself.

    Args:
        step: works on tensors made before, without a look at any value.
        changes: the tensors that it changes from step to step, all on one device. They are as
            before when this returns.

    Raises:
        torch.OutOfMemoryError: there is no room for the step's temporaries.
    """
    if not changes[0].is_cuda:
        return step
    before = [tensor.clone() for tensor in changes]
    with torch.cuda.device(changes[0].device):
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(WARM_UP):
                step()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            step()
        for tensor, value in zip(changes, before, strict=True):
            tensor.copy_(value)

    def repeat() -> None:
        with torch.cuda.device(changes[0].device):
            graph.replay()

    return repeat
