"""Splits: sizes, nesting, standardisation and label noise, by seed."""

import math

import numpy as np
import pytest

from l2scale.lab.data import datasets, mnist
from l2scale.lab.data.datasets import DATASETS, load
from l2scale.lab.data.preparation import standardiser
from l2scale.lab.data.synthetic import teacher
from l2scale.lab.data.tables import TABLES

SMALL = ("digits", "digits_parity", "breast_cancer", "wine", "teacher")
CLASSES = tuple(name for name in SMALL if name != "teacher")
SIZES = {
    "digits": (1077, 360, 360, 64),
    "digits_pixels": (1077, 360, 360, 64),
    "digits_parity": (1077, 360, 360, 64),
    "breast_cancer": (341, 114, 114, 30),
    "diabetes": (266, 88, 88, 10),
    "wine": (106, 36, 36, 13),
    "teacher": (4096, 2048, 4096, 16),
    "line": (4096, 2048, 4096, 16),
    "mnist": (50_000, 10_000, 10_000, 784),
    "mnist_pixels": (50_000, 10_000, 10_000, 784),
    "mnist_parity": (50_000, 10_000, 10_000, 784),
    "mnist_test": (6_000, 2_000, 2_000, 784),
    "mnist_test_pixels": (6_000, 2_000, 2_000, 784),
    "mnist_test_parity": (6_000, 2_000, 2_000, 784),
    "zigzag": (10, 200, 200, 1),
}
PARTS = ("train", "val", "test")


@pytest.fixture
def fake_mnist(monkeypatch):
    """Parts of MNIST's sizes, whose first 17 pixels spell each image's number in its part."""

    def part(name):
        n = {"train": 60_000, "test": 10_000}[name]
        number = np.arange(n)
        images = np.zeros((n, 784), dtype=np.uint8)
        images[:, :17] = (number[:, np.newaxis] >> np.arange(17)) & 1
        images[:, 17] = 5 if name == "test" else 0
        return images, number % 10

    def forget():
        datasets._read.cache_clear()
        datasets._build_large.cache_clear()

    monkeypatch.setattr(mnist, "read_part", part)
    forget()
    yield
    forget()


def numbers(x):
    """The image numbers that `fake_mnist` has put into standardised inputs."""
    bits = x[:, :17] > x[:, :17].min(axis=0)
    return bits @ (1 << np.arange(17))


def test_every_name_has_its_documented_sizes():
    assert set(DATASETS) == set(SIZES) | set(TABLES)
    lines = datasets.__doc__.replace(",", "").splitlines()
    for name, sizes in SIZES.items():
        row = next(line for line in lines if line.startswith(f"{name} "))
        assert all(f" {number} " in row for number in sizes)


def check_shapes(name, split):
    n_train, n_val, n_test, inputs = SIZES[name]
    n_by_part = dict(zip(PARTS, (n_train, n_val, n_test), strict=True))
    for part, n in n_by_part.items():
        x, y = getattr(split, f"x_{part}"), getattr(split, f"y_{part}")
        assert x.shape == (n, inputs)
        assert x.dtype == np.float64
        assert not x.flags.writeable
        assert not y.flags.writeable
        if split.task == "regression":
            assert y.shape == (n, split.n_classes)
            assert y.dtype == np.float64
            continue
        labels = 2 if split.task == "binary" else split.n_classes
        assert y.shape == (n,)
        assert y.dtype == np.int64
        assert set(np.unique(y)) == set(range(labels))
    assert split.n_classes == 1 or split.task == "multiclass"
    assert split.name == name
    assert split.noisy == 0


@pytest.mark.parametrize("name", SMALL)
def test_shapes_and_types(name):
    check_shapes(name, load(name, seed=0))


@pytest.mark.parametrize("name", ["mnist_test", "mnist_test_parity"])
def test_shapes_and_types_of_the_small_mnist(fake_mnist, name):
    split = load(name, seed=0)
    check_shapes(name, split)
    drawn = np.concatenate([numbers(getattr(split, f"x_{part}")) for part in PARTS])
    assert sorted(drawn) == list(range(10_000))


def test_mnist_keeps_its_test_set_and_splits_the_rest(fake_mnist):
    a, b = load("mnist", seed=0, n_train=2_000), load("mnist", seed=1, n_train=2_000)
    np.testing.assert_array_equal(numbers(a.x_test), np.arange(10_000))
    np.testing.assert_array_equal(a.y_test, b.y_test)
    assert not np.array_equal(numbers(a.x_val), numbers(b.x_val))
    assert len(set(numbers(a.x_val)) | set(numbers(a.x_train))) == 12_000
    assert len(a.y_val) == 10_000
    assert max(numbers(a.x_val)) > 50_000
    with pytest.raises(ValueError, match="n_train is 50001, and 'mnist' has at most 50000"):
        load("mnist", seed=0, n_train=50_001)


@pytest.mark.parametrize("name", SMALL)
def test_parts_share_no_sample_and_the_seed_decides_them(name):
    rows = {}
    for seed in (0, 1):
        split = load(name, seed=seed)
        # Undo nothing: standardisation is one injective map of all parts, so rows stay distinct.
        rows[seed] = [{row.tobytes() for row in getattr(split, f"x_{p}")} for p in PARTS]
        union = set.union(*rows[seed])
        assert len(union) == sum(len(part) for part in rows[seed])
        assert len(union) == sum(SIZES[name][:3])
    assert not np.array_equal(load(name, seed=0).y_train, load(name, seed=1).y_train)


@pytest.mark.parametrize("name", SMALL)
def test_the_same_seed_gives_the_same_split_without_the_cache(name):
    first = load(name, seed=3, n_train=50, label_noise=0.2)
    assert load(name, seed=np.int64(3), n_train=50, label_noise=0.2) is first
    datasets._build_small.cache_clear()
    again = load(name, seed=3, n_train=50, label_noise=0.2)
    assert again is not first
    for part in PARTS:
        np.testing.assert_array_equal(getattr(first, f"x_{part}"), getattr(again, f"x_{part}"))
        np.testing.assert_array_equal(getattr(first, f"y_{part}"), getattr(again, f"y_{part}"))


def raw_order(split, part):
    """Rows up to the standardisation, which moves with n_train: ranks along the widest input."""
    x = getattr(split, f"x_{part}")
    return [np.unique(column, return_inverse=True)[1].tolist() for column in x.T]


@pytest.mark.parametrize("name", SMALL)
def test_smaller_training_parts_nest_and_held_out_samples_stay(name):
    small, large = load(name, seed=2, n_train=40), load(name, seed=2, n_train=90)
    np.testing.assert_array_equal(small.y_train, large.y_train[:40])
    for part in ("val", "test"):
        np.testing.assert_array_equal(getattr(small, f"y_{part}"), getattr(large, f"y_{part}"))
        assert raw_order(small, part) == raw_order(large, part)
    first = large.x_train[:40]
    for a, b in zip(small.x_train.T, first.T, strict=True):
        np.testing.assert_array_equal(
            np.unique(a, return_inverse=True)[1], np.unique(b, return_inverse=True)[1]
        )


@pytest.mark.parametrize("name", CLASSES)
def test_every_part_and_every_prefix_has_the_classes_in_proportion(name):
    split = load(name, seed=4)
    everything = np.concatenate([getattr(split, f"y_{part}") for part in PARTS])
    classes, counts = np.unique(everything, return_counts=True)
    # A parity class is made of five digits, each of which can be one sample off at either end.
    slack = 10 if name == "digits_parity" else 2
    stretches = [split.y_val, split.y_test, *(split.y_train[:n] for n in (20, 50, 100))]
    for y in stretches:
        for label, count in zip(classes, counts, strict=True):
            expected = len(y) * count / len(everything)
            assert abs(np.sum(y == label) - expected) <= slack


def test_parity_has_the_samples_of_its_parent():
    digits, parity = load("digits", seed=5), load("digits_parity", seed=5)
    for part in PARTS:
        np.testing.assert_array_equal(getattr(digits, f"x_{part}"), getattr(parity, f"x_{part}"))
        np.testing.assert_array_equal(
            getattr(digits, f"y_{part}") % 2, getattr(parity, f"y_{part}")
        )


@pytest.mark.parametrize("name", ["breast_cancer", "wine"])
@pytest.mark.parametrize("n_train", [None, 60])
def test_tabular_inputs_have_mean_0_and_standard_deviation_1_on_the_training_part(name, n_train):
    x = load(name, seed=0, n_train=n_train).x_train
    np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-10)
    np.testing.assert_allclose(x.std(axis=0), 1, rtol=1e-10)


@pytest.mark.parametrize("n_train", [None, 60])
def test_pixels_have_mean_0_and_one_divisor_on_the_training_part(n_train):
    split = load("digits", seed=0, n_train=n_train)
    np.testing.assert_allclose(split.x_train.mean(axis=0), 0, atol=1e-10)
    assert split.x_train.var(axis=0).mean() == pytest.approx(1)
    # The raw values are 0 to 16, so one divisor leaves the same step between them everywhere.
    steps = [np.diff(np.unique(column)).min() for column in split.x_train.T if np.ptp(column)]
    np.testing.assert_allclose(np.array(steps) / min(steps), np.rint(np.array(steps) / min(steps)))


def test_rare_pixels_stay_moderate_where_their_own_deviation_would_blow_them_up():
    split = load("digits", seed=9, n_train=40)
    held_out = np.concatenate([split.x_val, split.x_test])
    assert np.abs(held_out).max() < 20
    own = split.x_train.std(axis=0)
    varies = own > 0
    assert np.abs(held_out[:, varies] / own[varies]).max() > 100


def test_constant_columns_are_centred_alone():
    x = np.column_stack([[1.0, 2, 3], [5.0, 5, 5], [1e6, 1e6, 1e6 + 1e-4], [0.0, 0, 0]])
    mean, divisor = standardiser(x, pixels=False)
    np.testing.assert_allclose(mean, x.mean(axis=0))
    np.testing.assert_allclose(divisor, [np.std([1, 2, 3]), 1, 1, 1])
    _, pooled = standardiser(x, pixels=True)
    np.testing.assert_allclose(pooled, np.sqrt(np.mean(x.var(axis=0))))
    _, blank = standardiser(np.full((3, 2), 7), pixels=True)
    np.testing.assert_array_equal(blank, [1, 1])


@pytest.mark.parametrize("name", SMALL)
def test_one_training_sample_is_enough_to_stay_finite(name):
    split = load(name, seed=0, n_train=1)
    assert split.x_train.shape[0] == 1
    assert all(np.isfinite(getattr(split, f"x_{part}")).all() for part in PARTS)


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize(("n_train", "share"), [(None, 0.2), (50, 0.31), (7, 0.5), (90, 0.99)])
def test_label_noise_moves_exactly_its_share_of_training_labels_alone(name, n_train, share):
    clean = load(name, seed=1, n_train=n_train)
    noisy = load(name, seed=1, n_train=n_train, label_noise=share)
    count = round(share * len(clean.y_train))
    assert np.sum(clean.y_train != noisy.y_train) == noisy.noisy == count
    assert set(np.unique(noisy.y_train)) <= set(np.unique(clean.y_test))
    np.testing.assert_array_equal(clean.y_val, noisy.y_val)
    np.testing.assert_array_equal(clean.y_test, noisy.y_test)
    np.testing.assert_array_equal(clean.x_train, noisy.x_train)


def test_labels_move_to_each_other_class_alike():
    moves = np.zeros((10, 10))
    for seed in range(20):
        clean = load("digits", seed=seed).y_train
        noisy = load("digits", seed=seed, label_noise=0.5).y_train
        np.add.at(moves, (clean, (noisy - clean) % 10), noisy != clean)
    offsets = moves.sum(axis=0)[1:]
    expected = offsets.sum() / 9
    assert np.square(offsets - expected).sum() / expected < 26.1  # chi square, 8 degrees, 0.1 %
    per_class = moves.sum(axis=1)
    assert per_class.max() < 1.15 * per_class.min()


def test_more_noise_moves_the_same_labels_and_others():
    clean, some, more = (load("digits", seed=1, label_noise=s).y_train for s in (0, 0.1, 0.4))
    moved = some != clean
    np.testing.assert_array_equal(more[moved], some[moved])
    assert np.sum(more != clean) > moved.sum()


def test_a_label_moves_to_the_same_class_in_a_larger_training_part():
    clean = load("digits", seed=1, n_train=90).y_train[:40]
    small, large = (
        load("digits", seed=1, n_train=n, label_noise=0.4).y_train[:40] for n in (40, 90)
    )
    both = (small != clean) & (large != clean)
    assert both.sum() >= 8
    np.testing.assert_array_equal(small[both], large[both])


def test_regression_noise_is_gaussian_of_its_standard_deviation_on_training_targets():
    clean, noisy = load("teacher", seed=0), load("teacher", seed=0, label_noise=0.5)
    noise = noisy.y_train - clean.y_train
    assert noise.std() == pytest.approx(0.5, rel=0.04)
    assert abs(noise.mean()) < 0.03
    assert noisy.noisy == 4096
    small = load("teacher", seed=0, n_train=10, label_noise=0.5)
    np.testing.assert_array_equal(small.y_train, noisy.y_train[:10])
    assert small.noisy == 10
    np.testing.assert_array_equal(clean.y_test, noisy.y_test)
    np.testing.assert_array_equal(clean.y_val, noisy.y_val)
    assert load("teacher", seed=0, label_noise=2.0).noisy == 4096


def test_pixels_lie_between_paper_and_ink_and_share_their_split_with_the_digits():
    pixels, standard = load("digits_pixels", seed=3), load("digits", seed=3)
    for part in PARTS:
        raw = getattr(pixels, f"x_{part}")
        assert raw.min() == 0 and raw.max() == 1
        np.testing.assert_array_equal(raw * 16, np.round(raw * 16))
        np.testing.assert_array_equal(getattr(pixels, f"y_{part}"), getattr(standard, f"y_{part}"))
        centred = raw - pixels.x_train.mean(axis=0)
        factor = pixels.x_train.std(axis=0)
        pooled = np.sqrt(np.mean(factor**2))
        np.testing.assert_allclose(centred / pooled, getattr(standard, f"x_{part}"), atol=1e-12)


def test_the_line_is_one_linear_function_with_a_unit_slope():
    a, b = load("line", seed=0), load("line", seed=1, label_noise=0.5)
    slope = np.linalg.lstsq(a.x_train, a.y_train, rcond=None)[0]
    assert np.linalg.norm(slope) == pytest.approx(1)
    for split, part in ((a, "val"), (b, "test")):
        held = getattr(split, f"x_{part}")
        np.testing.assert_allclose(getattr(split, f"y_{part}"), held @ slope, atol=1e-9)
    assert (b.y_train - b.x_train @ slope).std() == pytest.approx(0.5, rel=0.05)
    assert not np.array_equal(a.x_train, b.x_train)


def test_the_teacher_is_one_function_with_mean_0_and_variance_1():
    a, b = load("teacher", seed=0), load("teacher", seed=1)
    assert not np.array_equal(a.x_test, b.x_test)
    for split in (a, b):
        for part in PARTS:
            targets = teacher(getattr(split, f"x_{part}"))
            np.testing.assert_array_equal(getattr(split, f"y_{part}"), targets)
    y = teacher(np.random.default_rng(0).standard_normal((200_000, 16)))
    assert y.shape == (200_000, 1)
    assert abs(y.mean()) < 0.01
    assert y.var() == pytest.approx(1, rel=0.02)
    x = a.x_test[:5]
    np.testing.assert_allclose(teacher(3 * x), 3 * teacher(x))  # homogeneous: it has no biases


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match="unknown data set 'cifar': choose one of digits, digits_"):
        load("cifar", seed=0)


@pytest.mark.parametrize("name", SMALL)
def test_too_many_training_samples_are_answered_with_the_largest_number(name):
    largest = SIZES[name][0]
    assert len(load(name, seed=0, n_train=largest).y_train) == largest
    with pytest.raises(ValueError, match=f"{name}' has at most {largest}"):
        load(name, seed=0, n_train=largest + 1)


@pytest.mark.parametrize("number", [0, -1, 2.0, "3", True])
def test_training_sizes_are_whole_numbers_from_1(number):
    with pytest.raises(ValueError, match="n_train must be a whole number, 1 or above"):
        load("wine", seed=0, n_train=number)


@pytest.mark.parametrize("seed", [-1, 0.5, 1.0, "0", None, True])
def test_seeds_are_whole_numbers_from_0(seed):
    with pytest.raises(ValueError, match="seed must be a whole number, 0 or above"):
        load("wine", seed=seed)


def test_label_noise_has_a_range():
    for share in (-0.1, math.nan, math.inf):
        for name in ("wine", "teacher"):
            with pytest.raises(ValueError, match="label_noise must be a finite number, 0 or above"):
                load(name, seed=0, label_noise=share)
    with pytest.raises(ValueError, match=r"share of labels, in \[0, 1\), and is 1\.0"):
        load("wine", seed=0, label_noise=1.0)


def test_missing_mnist_files_are_a_data_error(tmp_path, monkeypatch):
    monkeypatch.setenv("L2SCALE_DATA", str(tmp_path))
    datasets._read.cache_clear()
    with pytest.raises(mnist.DataError, match="does not exist"):
        load("mnist_test", seed=0)


def test_the_zigzag_is_straight_between_its_points():
    split = load("zigzag", seed=3)
    np.testing.assert_allclose(split.x_train[:, 0], np.linspace(-1, 1, 10))
    for part in ("val", "test"):
        x, y = getattr(split, f"x_{part}")[:, 0], getattr(split, f"y_{part}")[:, 0]
        np.testing.assert_allclose(y, np.interp(x, split.x_train[:, 0], split.y_train[:, 0]))
    assert not np.array_equal(split.y_train, load("zigzag", seed=4).y_train)
