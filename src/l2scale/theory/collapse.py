"""What happens to all weights of a homogeneous network at once: how it crushes, or does not.

A network of L layers without biases whose units have ``|phi(z)| <= |z|``, linear along rays, puts
out ``t^L f`` where its weights are multiplied by t. With a convex loss that is at least 0 and costs
D_0 at outputs 0, with S the sum of squares, and with

    M_L = max over layers of Frobenius norm 1 of (1/n) sum_i g_i . f(x_i)

the loss along a ray falls by at most ``min(D_0, M_L (S/L)^(L/2))``. Everything here follows from
that bound, and the closed form of one path, one unit a layer, shows what it looks like.
"""

from dataclasses import dataclass

import numpy as np

from l2scale.theory.penalties import check_lambda
from l2scale.theory.response import check_samples, slopes

STIFFNESS = {"regression": 1.0, "binary": 1.0 / 8.0}  # half the loss's second derivative at 0


@dataclass(frozen=True)
class Path:
    """One unit a layer: ``E - E(0) = -pull p + stiffness p^2 + lam L p^(2/L)``, p the product.

    Exact for squared error, and to second order in p for the other losses; for binary
    cross-entropy E is nowhere above it.

    Attributes:
        pull: the response M of the path's unit.
        stiffness: half the second derivative of the mean loss along it.
    """

    pull: float
    stiffness: float

    def strength(self, product: float | np.ndarray, layers: int) -> np.ndarray:
        """The strength at which the path is stationary with this product of its weights."""
        p = np.asarray(product, dtype=np.float64)
        return (self.pull / 2 - self.stiffness * p) * p ** (1 - 2 / check_layers(layers))

    def jump(self, layers: int) -> tuple[float, float]:
        """The strengths at which the non-zero minimum stops being the lowest, and ceases to be.

        With two layers both are half the pull, and the minimum goes to 0 without a jump.
        """
        m = self.pull / (2 * self.stiffness)
        last = m * (check_layers(layers) - 2) / (2 * layers - 2)
        # 0^0 = 1: with two layers the product at the end is 0.
        return float(self.strength(2 * last, layers)), float(self.strength(last, layers))

    def squares(self, product: float | np.ndarray, layers: int) -> np.ndarray:
        """The sum of squares at the least penalty: all layers equal."""
        return layers * np.asarray(product, dtype=np.float64) ** (2 / check_layers(layers))


def path(x: np.ndarray, g: np.ndarray, unit: np.ndarray, task: str) -> Path:
    """Return the path through one ReLU unit, in the output direction that it pulls at.

    Args:
        x: inputs, ``(n, d)``.
        g: slopes, ``(n, k)``, from `l2scale.theory.response.slopes`.
        unit: direction, ``(d,)``.
        task: "regression", "multiclass" or "binary".

    Raises:
        ValueError: as `l2scale.theory.response.check_samples`.
    """
    x, g = check_samples(x, g)
    z = np.maximum(x @ (np.asarray(unit) / np.linalg.norm(unit)), 0.0)
    # Softmax: the Hessian at 0 is I/k - 11'/k^2, and slopes add up to 0 over the classes.
    half = STIFFNESS.get(task, 1.0 / (2 * g.shape[1]))
    return Path(float(np.linalg.norm(z @ g) / len(x)), half * float(np.mean(np.square(z))))


def softmax_falls(x: np.ndarray, y: np.ndarray, unit: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Return ``-D'(p)`` of softmax cross-entropy along the path, without an expansion.

    At 0 it is the pull, and its slope there is minus twice the stiffness of `path`.

    Args:
        x: inputs, ``(n, d)``.
        y: classes from 0, ``(n,)``.
        unit: direction, ``(d,)``.
        p: products of the weights, 0 or above, ``(P,)``.

    Raises:
        ValueError: as `l2scale.theory.response.slopes` and `check_samples`.
    """
    x, g = check_samples(x, slopes(y, "multiclass"))
    z = np.maximum(x @ (np.asarray(unit) / np.linalg.norm(unit)), 0.0)
    v = z @ g / np.linalg.norm(z @ g)
    gains = np.exp(np.asarray(p, dtype=np.float64)[:, None, None] * z[:, None] * v)
    means = gains @ v / gains.sum(axis=2)
    # A class's indicator and g differ by 1/k in every class, and v adds up to 0 over the classes.
    falls: np.ndarray = (z * (g @ v - means)).mean(axis=1)
    return falls


def branch_end(falls: np.ndarray, p: np.ndarray, layers: int) -> float:
    """Return the strength up to which a path has a non-zero minimum, from its slopes on a grid.

    A path is stationary where ``lam = -D'(p)/2 p^(1 - 2/L)``; the largest of these is its end.

    Args:
        falls: ``-D'(p)``, ``(P,)``.
        p: a fine grid of products from 0 to beyond the end, ``(P,)``.
        layers: L, 2 or more.

    Raises:
        ValueError: for a grid that stops before the end, and as `check_layers`.
    """
    strengths = np.asarray(falls) / 2 * np.asarray(p) ** (1 - 2 / check_layers(layers))
    if strengths.argmax() == len(strengths) - 1:
        raise ValueError(f"strengths still rise at p = {p[-1]:g}: extend the grid")
    return float(strengths.max())


def contraction(lam: float, pull: float) -> float:
    """Return ``2 (2 lam - M)``: two layers, the rate at which gradient flow shrinks S, at least.

    Above the threshold every gradient flow has ``S(t) <= S(0) exp(-2 (2 lam - M) t)``, t the
    learning rate times the steps.

    Raises:
        ValueError: at or below the threshold, and as `check_lambda`.
    """
    if not 2 * check_lambda(lam) > pull:
        raise ValueError(f"lam is {lam} and the threshold {pull / 2}: below it weights can grow")
    return 2.0 * (2.0 * lam - pull)


def stepped(rate: np.ndarray, lr: float | np.ndarray) -> np.ndarray:
    """Return the rate at which gradient descent shrinks S where gradient flow has `rate`.

    For one balanced unit near zero each step multiplies the weights by ``1 - lr rate / 2``, so that
    S falls at ``-2 log(1 - lr rate / 2) / lr``, about ``rate (1 + lr rate / 4)``.
    """
    found: np.ndarray = -2.0 * np.log1p(-np.asarray(lr) * np.asarray(rate) / 2.0) / np.asarray(lr)
    return found


def basin(lam: float, layers: int, pull: float) -> float:
    """Return the S below which every gradient flow ends at 0, for three layers or more.

    It is ``L (2 lam / M_L)^(2/(L-2))``.

    Raises:
        ValueError: for two layers, where no such ball exists below the threshold and every start
            ends at 0 above it.
    """
    if check_layers(layers) == 2:
        raise ValueError("with 2 layers 0 has no basin of its own: compare lam with the threshold")
    size: float = layers * (2.0 * check_lambda(lam) / pull) ** (2.0 / (layers - 2))
    return size


def surely_zero(layers: int, loss_at_zero: float, pull: float) -> tuple[float, float]:
    """Return strengths from which 0 is the global minimum, and the only stationary point.

    They are ``(D_0/L) (M_L/D_0)^(2/L)`` and ``(D_0/2) (M_L/D_0)^(2/L)``. Both are M/2 with two
    layers, where they are exact; with more they are sufficient. `pull` may be any upper bound on
    M_L, such as `l2scale.theory.response.ceiling`.
    """
    common = loss_at_zero * (pull / loss_at_zero) ** (2.0 / check_layers(layers))
    return common / layers, common / 2.0


def check_layers(layers: int) -> int:
    """Return the number of layers; ValueError below 2, where the threshold is another."""
    if layers < 2:
        raise ValueError(f"layers is {layers}: this is about networks with a hidden layer")
    return layers
