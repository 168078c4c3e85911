"""MNIST's four files: where they are, whether they are the right ones, what they hold.

The files are the originals of LeCun, Cortes & Burges, gzipped IDX, and each is checked by its
sha256 before it is read. They come from the folder named by the environment variable
``L2SCALE_DATA`` where that is set, and otherwise are downloaded once into the user's cache.

An IDX file is a magic number (two zero bytes, a type code, the number of dimensions), each
dimension as a big-endian 32-bit integer, then the values. MNIST's values are unsigned bytes.
"""

import gzip
import hashlib
import math
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

ENVIRONMENT = "L2SCALE_DATA"

BASE_URLS: tuple[str, ...] = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)

REGISTRY: Mapping[str, str] = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
"""sha256 of each file, as downloaded."""

PARTS: Mapping[str, str] = {"train": "train", "test": "t10k"}

_UNSIGNED_BYTE = 0x08


class DataError(ValueError):
    """A data file that is missing, damaged, unreadable or out of reach."""


def read_part(
    name: str, *, registry: Mapping[str, str] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels of one part of MNIST.

    Args:
        name: "train" (60,000 images) or "test" (10,000).
        registry: sha256 by file name; `REGISTRY` unless given.

    Returns:
        Images, shape ``(n, 784)``, uint8, 0 (paper) to 255 (ink), row by row; and labels, shape
        ``(n,)``, int64, 0 to 9.

    Raises:
        DataError: as `locate_file` and `read_idx`, or if images and labels do not match.
        ValueError: for another name.
    """
    if name not in PARTS:
        raise ValueError(f"unknown part {name!r} of MNIST: choose one of {', '.join(PARTS)}")
    prefix = PARTS[name]
    image_file = locate_file(f"{prefix}-images-idx3-ubyte.gz", registry=registry)
    label_file = locate_file(f"{prefix}-labels-idx1-ubyte.gz", registry=registry)
    images, labels = read_idx(image_file), read_idx(label_file)
    if images.ndim != 3 or labels.shape != images.shape[:1]:
        raise DataError(
            f"{image_file} holds an array of shape {images.shape} and {label_file} one of "
            f"{labels.shape}: they are not (n, rows, columns) and (n,)"
        )
    return images.reshape(len(images), -1), labels.astype(np.int64)


def locate_file(
    filename: str,
    *,
    registry: Mapping[str, str] | None = None,
    urls: Sequence[str] | None = None,
    cache: Path | None = None,
) -> Path:
    """Return the path of a file of MNIST whose sha256 is right, downloading it if need be.

    Args:
        filename: a key of the registry.
        registry: sha256 by file name; `REGISTRY` unless given.
        urls: addresses of folders to try in turn, each ending in "/"; `BASE_URLS` unless given.
        cache: folder to keep downloads in; the user's cache unless given.

    Raises:
        DataError: if the folder in ``L2SCALE_DATA`` lacks the file or holds another one, or if
            no address delivers it.
    """
    registry = REGISTRY if registry is None else registry
    if filename not in registry:
        raise DataError(f"unknown file {filename!r}: MNIST's are {', '.join(registry)}")
    folder = os.environ.get(ENVIRONMENT)
    if folder:
        return _check_file(Path(folder).expanduser() / filename, registry[filename])
    return _download(filename, registry[filename], BASE_URLS if urls is None else urls, cache)


def at_hand(name: str) -> bool:
    """Whether the files of a part, "train" or "test", are here, so that no download is needed.

    Raises:
        DataError: for a file there, in the folder of ``L2SCALE_DATA`` or else in the user's cache,
            that is not the expected one.
    """
    folder = Path(os.environ.get(ENVIRONMENT) or _cache()).expanduser()
    paths = [folder / file for file in REGISTRY if file.startswith(PARTS[name])]
    if not all(path.is_file() for path in paths):
        return False
    for path in paths:
        _check_file(path, REGISTRY[path.name])
    return True


def _check_file(path: Path, expected: str) -> Path:
    if not path.is_file():
        raise DataError(
            f"{path} does not exist: put {path.name} into the folder that {ENVIRONMENT} names, "
            f"or unset {ENVIRONMENT} to download it"
        )
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise DataError(
            f"{path} is not the expected file: its sha256 is {found} and should be {expected}; "
            f"replace it, or unset {ENVIRONMENT} to download it"
        )
    return path


def _download(filename: str, expected: str, urls: Sequence[str], cache: Path | None) -> Path:
    import pooch  # here, since nothing else needs it and most runs read no MNIST

    folder = _cache() if cache is None else cache
    failures = []
    for url in urls:
        try:
            return Path(pooch.retrieve(url + filename, f"sha256:{expected}", filename, folder))
        except (OSError, ValueError) as error:  # no network, a refusal, or the wrong content
            failures.append(f"{url}{filename} ({type(error).__name__}: {error})")
    raise DataError(
        f"could not download {filename}, sha256 {expected}; tried {'; '.join(failures)}. Where "
        f"there is no network, set {ENVIRONMENT} to a folder that holds {filename}"
    )


def _cache() -> Path:
    import pooch  # as in `_download`

    return Path(pooch.os_cache("l2scale"))


def read_idx(path: Path) -> np.ndarray:
    """Return the array in a gzipped IDX file of unsigned bytes, uint8, of the shape it states.

    Raises:
        DataError: if the file is missing, is not gzip or is cut short, if its magic number is
            not that of unsigned bytes, or if its length does not match its stated shape.
    """
    path = Path(path)
    try:
        content = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist") from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a complete gzip file ({error}): fetch it again") from error
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _UNSIGNED_BYTE:
        raise DataError(
            f"{path} is not an IDX file of unsigned bytes: it begins with {content[:4].hex()!r} "
            f"where '000008' and the number of dimensions should be"
        )
    dimensions = content[3]
    start = 4 + 4 * dimensions
    shape = tuple(int.from_bytes(content[i : i + 4], "big") for i in range(4, start, 4))
    if len(content) - start != math.prod(shape):
        raise DataError(
            f"{path} states the shape {shape} and holds {max(len(content) - start, 0)} values: "
            "it is cut short or is another file"
        )
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
