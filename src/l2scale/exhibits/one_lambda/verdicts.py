"""What the chapter settles: layer coefficients, their search, and division by size."""

from l2scale.catalogue.numerals import percent, span
from l2scale.catalogue.results import Result
from l2scale.catalogue.verdicts import Verdict, settles
from l2scale.exhibits.one_lambda.every_point import holds, points_table
from l2scale.exhibits.one_lambda.least_costs import (
    ALIKE,
    kernel_size,
    minima_table,
    spread,
    typed_ratios,
    typed_span,
)
from l2scale.exhibits.one_lambda.tuning import (
    METRICS,
    OTHERS,
    TOGETHER,
    at_edge,
    difference,
    in_words,
    level,
    tuned_table,
)


def settled(result: Result) -> bool:
    """Whether costs agree at every point, and at the ends, where coefficients differ a hundredfold.

    The first is the theorem. The second says that the solver came near enough to minima.
    """
    return holds(points_table(result)) and spread(minima_table(result)) < ALIKE


@settles("C03", figure="matched-minima", derivation="cor-minima")
def own_divisors(result: Result) -> Verdict:
    """Divisors of its own for each layer act through their geometric mean alone."""
    table = minima_table(result)
    return Verdict(
        "CONDITIONAL" if settled(result) else "OPEN",
        "It can have one, and in a network of homogeneous layers with free biases it makes no "
        "penalty of a new kind: divisors of L·n_in·n_out are the plain sum with λ divided by their "
        "geometric mean. Exact, at every point. Measured, strengths that differ a hundredfold "
        "between layers end in every order at one cost, to "
        f"{percent(spread(table, explicit=True))}. They do change the layers' decay while a "
        "network still trains.",
        {"layers apart by": spread(table, explicit=True)},
    )


@settles("C12", figure="matched-minima")
def nobody_divides(result: Result) -> Verdict:
    """A widely used implementation of Mask R-CNN does."""
    table = minima_table(result)
    return Verdict(
        "FALSE",
        "matterport's Mask R-CNN does: MaskRCNN.compile in mrcnn/model.py adds l2(w) divided by "
        "tf.size(w) for each trainable tensor except the normalisation's. A kernel of "
        f"3 × 3 × 256 × 256 then decays {kernel_size():,} times slower than under the sum with the "
        "same λ. On the chapter's three small shapes, without normalisation, L-BFGS with the same "
        f"λ ends at a cost {typed_span(table, 'tensor_mean')} times the sum's.",
        {"times slower": kernel_size()}
        | {f"cost over the sum’s, {s}": r for s, r in typed_ratios(table, "tensor_mean").items()},
    )


@settles("C20", figure="matched-minima", derivation="cor-minima")
def search_dimensions(result: Result) -> Verdict:
    """Strengths per layer are possible; for homogeneous layers one number of them counts."""
    table = minima_table(result)
    return Verdict(
        "CONDITIONAL" if settled(result) else "OPEN",
        "TRUE that each layer may have its own strength. But where layers are homogeneous and "
        "biases free, L strengths are one dimension of minima and not L: only their geometric mean "
        "counts, and the other L − 1 are empty. Strengths a hundredfold apart, in six orders, end "
        f"at costs within {percent(spread(table, explicit=True))}. With normalisation, AdamW or "
        "early stopping they act as clocks of the layers.",
        {"layers apart by": spread(table, explicit=True)},
    )


@settles("C16", figure="tuned-penalties", derivation="cor-minima")
def equal_layers(result: Result) -> Verdict:
    """Whether a penalty that changes the layers' shares beats the sum, in loss or in error."""
    table, costs = tuned_table(result), minima_table(result)
    better = [
        f"{p} in test {word}"
        for p in ("tensor_mean", "fan")
        for metric, word in METRICS.items()
        if difference(table, p, metric).high < 0
    ]
    exact = (
        "Exact at minima of networks with homogeneous layers and free biases: every choice of "
        f"coefficients is the sum with another λ (costs found agree to {percent(spread(costs))})."
    )
    gaps = {
        word: ", ".join(f"{p} {span(difference(table, p, metric), '.4f')}" for p in OTHERS)
        for metric, word in METRICS.items()
    }
    sgd = (
        f"After SGD it need not hold: lower than under the sum is {', '.join(better)}. "
        if better
        else ""
    )
    return Verdict(
        "OPEN" if not settled(result) else "CONDITIONAL" if better else "TRUE",
        f"{exact} {sgd}Under SGD, with λ tuned, the test loss less the sum's is {gaps['loss']}, "
        f"against {level(table, 'test_loss').estimate:.3f}, and the test error less the sum's "
        f"{gaps['error']}, against {level(table, 'test_error').estimate:.3f}. These are six "
        "intervals at 95% each. At 95% for all six together, where one excludes 0: "
        f"{in_words(table, TOGETHER)}.{at_edge(table)}",
        {
            f"{word} less the sum’s, {p}": difference(table, p, metric).estimate
            for metric, word in METRICS.items()
            for p in OTHERS
        },
    )
