"""Products of the small matrices that a network's step has.

OpenBLAS copies its factors first, which takes as long as such a product, or has another way for
small ones, on CPUs with AVX-512 alone. These take what lies in cache as it is, on every CPU; and
their sums have the same terms in the same order on all of them. What does not fit in cache, such as
a layer from 2,048 units to 2,048, a BLAS multiplies two to five times as fast.
"""

from collections.abc import Callable
from typing import Any

from l2scale.lab.kernels.compiler import compiled, compiled_apart, compiled_within
from l2scale.lab.kernels.tiles import ROWS, SIDE, VECTOR_BYTES, product_tile, transpose_square

LINE = 16  # numbers of a line of cache, of float32


def _by(lanes: int) -> Callable[..., Any]:
    """The product in tiles of two vectors of so many numbers."""
    tile, row = product_tile(ROWS, lanes), product_tile(1, lanes)

    @compiled_within
    def multiply_by(a, b, out):
        m, last = len(a), b.shape[1] - lanes
        for j in range(0, b.shape[1], 2 * lanes):
            # Where columns or rows are left over, the last ones are written with some before them.
            first, other = min(j, last), min(j + lanes, last)
            if m < ROWS:
                for i in range(m):
                    row(a, b, out, i, first, other)
            else:
                for i in range(0, m, ROWS):
                    tile(a, b, out, min(i, m - ROWS), first, other)

    return multiply_by


_by16, _by8, _by4, _by1 = (_by(lanes) for lanes in (16, 8, 4, 1))


@compiled_apart
def multiply(a, b, out):
    """Write a b into out: a (m, k), which may be transposed; b (k, n) and out (m, n) may not.

    No size is 0.
    """
    n, most = b.shape[1], VECTOR_BYTES // b.itemsize
    if most >= 16 and n > 16:
        _by16(a, b, out)
    elif most >= 8 and n > 8:
        _by8(a, b, out)
    elif n > 4:
        _by4(a, b, out)
    else:
        _by1(a, b, out)


@compiled
def transpose(a, out):
    """Write a (m, n), transposed, into out (n, m)."""
    rows, columns = a.shape[0] // SIDE * SIDE, a.shape[1] // SIDE * SIDE
    for line in range(0, columns, LINE):
        for i in range(0, rows, SIDE):
            for j in range(line, min(line + LINE, columns), SIDE):
                transpose_square(a, out, i, j)  # type: ignore[call-arg]
    for i in range(a.shape[0]):
        for j in range(columns if i < rows else 0, a.shape[1]):
            out[j, i] = a[i, j]
