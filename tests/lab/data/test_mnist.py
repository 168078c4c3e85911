"""Reading and locating MNIST's files, on small synthetic ones."""

import gzip
import hashlib
import socket

import numpy as np
import pytest

from l2scale.lab.data import mnist
from l2scale.lab.data.mnist import DataError, locate_file, read_idx, read_part

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint8).reshape(3, 28, 28)
LABELS = np.array([7, 0, 9], dtype=np.uint8)
IMAGE_FILE, LABEL_FILE = "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"


def idx_bytes(array, code=0x08):
    header = bytes([0, 0, code, array.ndim])
    return header + np.array(array.shape, dtype=">u4").tobytes() + array.tobytes()


def write(path, content):
    path.write_bytes(gzip.compress(content))
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with both files of the test part, named by the environment."""
    write(tmp_path / IMAGE_FILE, idx_bytes(IMAGES))
    write(tmp_path / LABEL_FILE, idx_bytes(LABELS))
    monkeypatch.setenv("L2SCALE_DATA", str(tmp_path))
    return tmp_path


def test_files_are_at_hand_or_not(folder, monkeypatch):
    sums = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in (IMAGE_FILE, LABEL_FILE)
    }
    monkeypatch.setattr(mnist, "REGISTRY", {"train-images-idx3-ubyte.gz": "0" * 64, **sums})
    assert mnist.at_hand("test") and not mnist.at_hand("train")
    (folder / LABEL_FILE).write_bytes(b"other")
    with pytest.raises(DataError, match="is not the expected file"):
        mnist.at_hand("test")
    (folder / LABEL_FILE).unlink()
    assert not mnist.at_hand("test")


@pytest.fixture
def offline(monkeypatch):
    """An address on this machine where nothing listens, and no folder in the environment."""
    monkeypatch.delenv("L2SCALE_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"http://127.0.0.1:{port}/"


def hashes(folder):
    return {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in folder.glob("*.gz")}


@pytest.mark.parametrize("shape", [(3, 28, 28), (5,), (2, 3), (0, 4)])
def test_idx_keeps_shape_and_order(tmp_path, shape):
    array = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    found = read_idx(write(tmp_path / "a.gz", idx_bytes(array)))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, array)


def test_a_part_is_flat_images_and_integer_labels(folder):
    images, labels = read_part("test", registry=hashes(folder))
    assert images.dtype == np.uint8
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(images, IMAGES.reshape(3, 784))
    np.testing.assert_array_equal(labels, LABELS)


def test_an_unknown_part_is_refused():
    with pytest.raises(ValueError, match="unknown part 'val' of MNIST: choose one of train, test"):
        read_part("val")


def test_the_pinned_hashes_are_four_whole_sha256():
    assert len(mnist.REGISTRY) == 4
    assert all(len(bytes.fromhex(digest)) == 32 for digest in mnist.REGISTRY.values())


def test_the_pinned_hash_is_checked_unless_another_registry_is_given(folder):
    with pytest.raises(DataError, match=mnist.REGISTRY[IMAGE_FILE]):
        read_part("test")


def test_a_changed_file_is_named_with_both_hashes(folder):
    registry = hashes(folder)
    write(folder / LABEL_FILE, idx_bytes(LABELS[::-1]))
    found, expected = hashes(folder)[LABEL_FILE], registry[LABEL_FILE]
    with pytest.raises(DataError, match=rf"{LABEL_FILE} .* is {found} and should be {expected}"):
        read_part("test", registry=registry)


def test_a_missing_file_is_named_with_the_ways_out(folder):
    registry = hashes(folder)
    (folder / IMAGE_FILE).unlink()
    with pytest.raises(DataError, match=rf"{IMAGE_FILE} does not exist.*unset L2SCALE_DATA"):
        read_part("test", registry=registry)


def test_a_file_outside_the_registry_is_refused(folder):
    with pytest.raises(DataError, match=r"unknown file 'x\.gz': MNIST's are train-images"):
        locate_file("x.gz")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (idx_bytes(LABELS, code=0x0D), "not an IDX file of unsigned bytes: it begins with '00000d"),
        (b"\x01" + idx_bytes(LABELS)[1:], "begins with '01000801'"),
        (b"", "not an IDX file of unsigned bytes"),
        (idx_bytes(IMAGES)[:-1], r"states the shape \(3, 28, 28\) and holds 2351 values"),
        (idx_bytes(IMAGES) + b"\0", "holds 2353 values"),
        (idx_bytes(IMAGES)[:10], "cut short"),
    ],
)
def test_content_that_is_no_idx_of_bytes_is_refused(tmp_path, content, message):
    with pytest.raises(DataError, match=message):
        read_idx(write(tmp_path / "a.gz", content))


def test_a_file_that_is_not_gzip_or_cut_short_is_refused(tmp_path):
    whole = write(tmp_path / "a.gz", idx_bytes(IMAGES)).read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 0xFF
    for content in (idx_bytes(IMAGES), whole[: len(whole) // 2], bytes(damaged)):
        (tmp_path / "a.gz").write_bytes(content)
        with pytest.raises(DataError, match=r"a\.gz is not a complete gzip file"):
            read_idx(tmp_path / "a.gz")


def test_a_path_without_a_file_is_refused(tmp_path):
    with pytest.raises(DataError, match="does not exist"):
        read_idx(tmp_path / "nothing.gz")


def test_images_and_labels_of_different_length_are_refused(folder):
    write(folder / LABEL_FILE, idx_bytes(LABELS[:2]))
    with pytest.raises(DataError, match=r"shape \(3, 28, 28\) .* one of \(2,\)"):
        read_part("test", registry=hashes(folder))


def test_without_a_network_the_addresses_and_the_way_out_are_named(offline, tmp_path):
    urls = [offline, offline + "mirror/"]
    with pytest.raises(DataError) as caught:
        locate_file(IMAGE_FILE, urls=urls, cache=tmp_path)
    message = str(caught.value)
    assert all(url + IMAGE_FILE in message for url in urls)
    assert "set L2SCALE_DATA to a folder that holds" in message
    assert not list(tmp_path.iterdir())


def test_the_next_address_is_tried_and_the_download_kept(offline, tmp_path, monkeypatch):
    content = gzip.compress(idx_bytes(LABELS))
    registry = {LABEL_FILE: hashlib.sha256(content).hexdigest()}
    asked = []

    class Downloader:
        def __init__(self, *args, **kwargs):
            pass

        def __call__(self, url, output, pooch):
            asked.append(url)
            body = content if "good" in url else b"<html>moved</html>"
            with open(output, "wb") as file:
                file.write(body)

    monkeypatch.setattr("pooch.core.choose_downloader", lambda *args, **kwargs: Downloader())
    urls = ["http://wrong.invalid/", "http://good.invalid/"]
    for _ in range(2):
        found = locate_file(LABEL_FILE, registry=registry, urls=urls, cache=tmp_path)
        assert found == tmp_path / LABEL_FILE
    assert asked == [url + LABEL_FILE for url in urls]
    np.testing.assert_array_equal(read_idx(found), LABELS)


def test_only_wrong_content_on_offer_is_an_error(offline, tmp_path, monkeypatch):
    def download(url, output, pooch):
        with open(output, "wb") as file:
            file.write(b"<html>moved</html>")

    monkeypatch.setattr("pooch.core.choose_downloader", lambda *args, **kwargs: download)
    with pytest.raises(DataError, match="could not download"):
        locate_file(LABEL_FILE, urls=["http://wrong.invalid/"], cache=tmp_path)
    assert not list(tmp_path.iterdir())
