"""Parts of matrices that lie in the CPU's registers: of a product, and of a transposed matrix.

They are written in LLVM's own instructions, for none of its passes keeps a part of a product in
registers from the first term to the last. What is longer than the CPU's vectors, LLVM splits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.core import cgutils
from numba.core.codegen import get_host_cpu_features
from numba.extending import intrinsic

ROWS = 4  # of a product's tile: so many sums of two vectors keep busy what adds, and fit with AVX
SIDE = 4  # of the squares that are transposed

_SETTINGS: Any = config  # where a reader may name another CPU, as the tests do
_FEATURES = _SETTINGS.CPU_FEATURES
if _FEATURES is None:
    _FEATURES = get_host_cpu_features()
VECTOR_BYTES = 64 if "+avx512f" in _FEATURES else 32

INDEX = ir.IntType(8 * np.dtype(np.intp).itemsize)
FUSED = ("contract",)  # a product may be added without being rounded before


def product_tile(rows: int, lanes: int) -> Callable[..., None]:
    """A compiled `tile(a, b, out, i, j, other)` of a product a b: a (m, k), b (k, n), out (m, n).

    It writes the rows from i on of the columns from j on and of those from `other` on, `lanes` of
    each; they may overlap. A sum is taken term after term, of one at least, however long the
    vectors are. Columns of b and of out lie side by side; a may be a transposed matrix.
    """

    @intrinsic
    def tile(typing, a, b, out, i, j, other):
        signature = types.void(a, b, out, types.intp, types.intp, types.intp)

        def emit(context, builder, signature, values):
            a, b, out = _matrices(context, builder, signature.args[:3], values[:3])
            i, *columns = values[3:]
            vector = ir.VectorType(a.real, lanes)
            all_rows = [builder.add(i, INDEX(r)) for r in range(rows)]
            before, loop, end = builder.block, *(builder.append_basic_block() for _ in range(2))
            builder.branch(loop)
            with builder.goto_block(loop):
                k = builder.phi(INDEX)
                sums = {(r, c): builder.phi(vector) for r in all_rows for c in columns}
                right = {c: b.load(k, c, vector) for c in columns}
                further = {}
                for r in all_rows:
                    left = _repeated(builder, a.load(r, k, a.real), vector)
                    for c in columns:
                        term = builder.fmul(left, right[c], flags=FUSED)
                        further[r, c] = builder.fadd(sums[r, c], term, flags=FUSED)
                after = builder.add(k, INDEX(1))
                k.add_incoming(INDEX(0), before)
                k.add_incoming(after, loop)
                for at, total in sums.items():
                    total.add_incoming(ir.Constant(vector, [0.0] * lanes), before)
                    total.add_incoming(further[at], loop)
                builder.cbranch(builder.icmp_signed("<", after, a.columns), loop, end)
            builder.position_at_end(end)
            for (r, c), total in further.items():
                out.store(total, r, c)
            return context.get_dummy_value()

        return signature, emit

    return tile


@intrinsic
def transpose_square(typing, a, out, i, j):
    """Write SIDE rows from i on and columns from j on of a into as many rows from j on of out."""
    signature = types.void(a, out, types.intp, types.intp)

    def emit(context, builder, signature, values):
        a, out = _matrices(context, builder, signature.args[:2], values[:2])
        i, j = values[2:]
        vector, half = ir.VectorType(a.real, SIDE), SIDE // 2
        rows = [a.load(builder.add(i, INDEX(r)), j, vector) for r in range(SIDE)]
        # Two shuffles of a pack of cards: each row's number is its column's in the end.
        for _ in range(2):
            rows = [
                builder.shuffle_vector(rows[r // 2], rows[r // 2 + half], _riffle(r % 2 * half))
                for r in range(SIDE)
            ]
        for r, row in enumerate(rows):
            out.store(row, builder.add(j, INDEX(r)), i)
        return context.get_dummy_value()

    return signature, emit


class _Matrix:
    """An array of two dimensions, from and to which vectors of a row's numbers are moved."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        array = context.make_array(kind)(context, builder, value)
        self.builder, self.real = builder, context.get_data_type(kind.dtype)
        self.size = context.get_abi_sizeof(self.real)
        self.start = builder.bitcast(array.data, ir.IntType(8).as_pointer())
        self.steps = cgutils.unpack_tuple(builder, array.strides)
        _, self.columns = cgutils.unpack_tuple(builder, array.shape)

    def _place(self, row: Any, column: Any, kind: ir.Type) -> Any:
        parts = (self.builder.mul(*pair) for pair in zip((row, column), self.steps, strict=True))
        place = self.builder.gep(self.start, [self.builder.add(*parts)])
        return self.builder.bitcast(place, kind.as_pointer())

    def load(self, row: Any, column: Any, kind: ir.Type) -> Any:
        found = self.builder.load(self._place(row, column, kind))
        found.align = self.size
        return found

    def store(self, value: Any, row: Any, column: Any) -> None:
        self.builder.store(value, self._place(row, column, value.type)).align = self.size


def _matrices(context: Any, builder: Any, kinds: Any, values: Any) -> list[_Matrix]:
    return [_Matrix(context, builder, *pair) for pair in zip(kinds, values, strict=True)]


def _repeated(builder: Any, number: Any, vector: ir.VectorType) -> Any:
    """A vector of one number."""
    whole = ir.IntType(32)
    one = builder.insert_element(ir.Constant(vector, ir.Undefined), number, whole(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(whole, vector.count), None))


def _riffle(first: int) -> ir.Constant:
    """Take numbers of two vectors in turn, half of each from `first` on."""
    turns = [at for k in range(SIDE // 2) for at in (first + k, SIDE + first + k)]
    return ir.Constant(ir.VectorType(ir.IntType(32), SIDE), turns)
