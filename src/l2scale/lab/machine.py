"""The machine at hand: its device, workers, threads, memory and libraries."""

import os
import platform
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from multiprocessing import current_process
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import joblib
import torch
from joblib.externals.loky.backend.process import LokyProcess
from threadpoolctl import threadpool_info, threadpool_limits

# Networks, buffers and data of a group. Larger groups of small networks gain nothing on a CPU, and
# lose what a core's share of cache gives.
CPU_GROUP_BYTES = 1.5e7
GPU_GROUP_SHARE = 0.4

T = TypeVar("T")


def device() -> str:
    """The kind of device to train on: a GPU where there is one; L2SCALE_DEVICE overrides.

    Raises:
        ValueError: for an unknown device, or for "cuda" where there is none.
    """
    has_gpu = torch.cuda.is_available()
    chosen = os.environ.get("L2SCALE_DEVICE") or ("cuda" if has_gpu else "cpu")
    if chosen not in ("cpu", "cuda"):
        raise ValueError(f"unknown device {chosen!r} in L2SCALE_DEVICE: choose cpu or cuda")
    if chosen == "cuda" and not has_gpu:
        raise ValueError("L2SCALE_DEVICE is 'cuda', but torch sees no GPU: set it to cpu")
    return chosen


def devices(kind: str) -> list[str]:
    """Every device of a kind that can train a group at the same time: GPUs by number, or "cpu"."""
    if kind == "cpu":
        return ["cpu"]
    return [f"cuda:{index}" for index in range(torch.cuda.device_count())]


def workers(kind: str) -> int:
    """Processes to train in: one per GPU, or one per CPU core that joblib's backend can use."""
    return joblib.effective_n_jobs(-1) if kind == "cpu" else len(devices(kind))


def group_bytes(kind: str) -> float:
    """How many bytes one group of networks should take."""
    if kind == "cpu":
        return CPU_GROUP_BYTES
    return GPU_GROUP_SHARE * torch.cuda.mem_get_info()[0]


@cache
def openblas_kernels() -> set[str]:
    """The CPUs for which OpenBLAS has the kernels that it uses here; empty with another BLAS.

    It finds the CPU itself, unless OPENBLAS_CORETYPE names one. Products with the kernels of an
    older CPU may take twice as long, and end in other last digits.
    """
    libraries = (found for found in threadpool_info() if found["internal_api"] == "openblas")
    return {found["architecture"] for found in libraries}


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in one thread, with denormal numbers taken for 0, until the block ends.

    The last digit is then the same however many cores there are.
    """
    threads = torch.get_num_threads()
    # Intra-op threads slow small batched products down; denormal numbers, which decayed weights
    # become, slow all arithmetic down a hundredfold.
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with threadpool_limits(1):  # of every BLAS
            yield
    finally:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(False)


@contextmanager
def quiet_workers() -> Iterator[None]:
    """Let joblib replace a worker that has grown without a word, until the block ends.

    No task is lost by it. Where warnings are errors, its warning would end the thread that replaces
    the worker, and everybody would wait for ever.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings(
            "ignore", "A worker stopped while some jobs were given", UserWarning
        )
        yield


@cache
def end_with(parent: int) -> None:
    """Let this process end within a second of its parent's end, if it is a worker of joblib's.

    A worker would otherwise go on with what was given to it, and wait for minutes for more, when
    its parent was killed. Where processes have no parent's number to watch, as on Windows, it does.

    Args:
        parent: the number of the process that gives out the work.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    if isinstance(current_process(), LokyProcess) and parent != os.getpid():
        Thread(target=watch, daemon=True).start()


def parallel_map(task: Callable[..., T], arguments: Iterable[Sequence[Any]]) -> list[T]:
    """What `task(*one)` gives for each of the arguments, in processes of one thread, in order.

    What a task warns of is warned of here, where it can be seen or be made an error.
    """
    chosen = list(arguments)
    parallel = joblib.Parallel(n_jobs=min(workers("cpu"), len(chosen)))
    with quiet_workers():
        done = parallel(joblib.delayed(_alone)(os.getpid(), task, one) for one in chosen)
    seen: dict[Any, Any] = {}  # what two tasks warn of is shown once
    for _, said in done:
        for text, category, file, line in said:
            warnings.warn_explicit(text, category, file, line, registry=seen)
    return [found for found, _ in done]


def _alone(
    parent: int, task: Callable[..., T], arguments: Sequence[Any]
) -> tuple[T, list[tuple[str, type[Warning], str, int]]]:
    end_with(parent)
    with one_thread(), warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = task(*arguments)
    return found, [(str(w.message), w.category, w.filename, w.lineno) for w in said]


def describe(kind: str) -> str:
    """The device in words, such as "cpu (AMD EPYC 7R13, 2 cores, OpenBLAS for SkylakeX)"."""
    if kind == "cuda":
        return f"cuda ({torch.cuda.get_device_name()}, {torch.cuda.device_count()} GPU)"
    kernels = [f"OpenBLAS for {name}" for name in sorted(openblas_kernels())]
    return f"cpu ({', '.join([_cpu_name(), f'{joblib.cpu_count()} cores', *kernels])})"


@cache
def version_of(library: str) -> str:
    """The version of a library."""
    return version(library)


def _cpu_name() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
