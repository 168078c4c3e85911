"""Products of small matrices in tiles, and matrices transposed, against numpy's."""

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.codegen import get_host_cpu_features

from l2scale.lab.kernels import products

SIZES = st.integers(1, 37)
REALS = st.sampled_from([np.float32, np.float64])


def filled(rng: np.random.Generator, shape: tuple[int, int], real: type) -> np.ndarray:
    return rng.normal(size=shape).astype(real)


@settings(max_examples=60, deadline=None)
@given(m=SIZES, k=SIZES, n=SIZES, real=REALS, turned=st.booleans(), seed=st.integers(0, 99))
def test_a_product_is_that_of_the_sums(
    m: int, k: int, n: int, real: type, turned: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a = filled(rng, (k, m), real).T if turned else filled(rng, (m, k), real)
    b = filled(rng, (k, n), real)
    around = np.full((m + 2, n), np.nan, real)  # what is beside the product stays as it is
    products.multiply(a, b, around[1:-1])
    right = a.astype(float) @ b.astype(float)
    bound = 2 * k * np.finfo(real).eps * (abs(a).astype(float) @ abs(b).astype(float))
    assert (abs(around[1:-1] - right) <= bound).all()
    assert np.isnan(around[[0, -1]]).all()


@settings(max_examples=40, deadline=None)
@given(m=SIZES, n=SIZES, real=REALS, seed=st.integers(0, 99))
def test_a_matrix_is_transposed(m: int, n: int, real: type, seed: int) -> None:
    a = filled(np.random.default_rng(seed), (m, n), real)
    out = np.full((n, m), np.nan, real)
    products.transpose(a, out)
    assert (out == a.T).all()


def test_rows_of_a_part_are_those_of_the_whole() -> None:
    rng = np.random.default_rng(0)
    a, b = filled(rng, (19, 23), np.float32), filled(rng, (19, 40), np.float32)
    whole, part = np.empty((23, 40), np.float32), np.empty((9, 40), np.float32)
    products.multiply(a.T, b, whole)
    products.multiply(a.T[5:14], b, part)
    assert (part == whole[5:14]).all()


BITS = """
import numpy as np
from l2scale.lab.kernels import products, tiles
rng = np.random.default_rng(0)
bits = b""
for real in ("f", "d"):
    for n in (1, 3, 6, 10, 17, 45):
        a, b = rng.normal(size=(70, 33)).astype(real), rng.normal(size=(70, n)).astype(real)
        out = np.empty((33, n), real)
        products.multiply(a.T, b, out)
        bits += out.tobytes()
print(tiles.VECTOR_BYTES, bits.hex())
"""


HOST = set(get_host_cpu_features().split(","))
VECTORS = {"+fma,+avx2": "32", "+fma,+avx2,+avx512f": "64"}  # bytes
KNOWN = [flags for flags in VECTORS if set(flags.split(",")) <= HOST]


@pytest.mark.skipif(not KNOWN, reason="no x86 CPU with AVX2 and FMA")
def test_the_bits_of_a_product_are_those_of_any_vectors() -> None:
    found = {}
    for flags in ("+fma", *KNOWN):
        env = os.environ | {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": flags}
        command = [sys.executable, "-c", BITS]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        size, found[flags] = done.stdout.split()
        assert size == VECTORS.get(flags, "32")
    assert len(set(found.values())) == 1
