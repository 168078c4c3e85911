"""Files of `torch.save`, opened without running code that they may hold."""

import re
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor

from l2scale.practice.checks import check_names

WRAPPERS = ("state_dict", "model_state_dict", "model")
"""Keys under which a checkpoint may hold its state dict."""

_BEFORE_ZIP = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."  # how older files of torch.save begin
_NAMED = re.compile(r"GLOBAL (\S+) was not an allowed")


def load_state(path: Path) -> dict[str, Tensor]:
    """Read the weights of a state dict, or of a checkpoint that holds one.

    Raises:
        ValueError: if there is no such file, or it holds anything else.
    """
    held = load_tensors(path, "Save the weights alone: torch.save(model.state_dict(), PATH)")
    for key in WRAPPERS:
        if isinstance(held, Mapping) and isinstance(held.get(key), Mapping):
            held = held[key]
    if not (isinstance(held, Mapping) and held and all(map(torch.is_tensor, held.values()))):
        raise ValueError(
            f"{path} holds no state dict, alone or under {', '.join(WRAPPERS)}: save one with "
            "torch.save(model.state_dict(), PATH)"
        )
    check_names(held)
    return dict(held)


def load_tensors(path: Path, way_out: str) -> object:
    """Read a file of `torch.save`.

    Raises:
        ValueError: if it cannot be read so; the message ends with the way out.
    """
    try:
        _check_container(path, way_out)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror or error}") from error
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of kinds of tensors; we look at those ourselves
            return torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        # What PyTorch says here advises to run the code that the file may hold.
        named = _NAMED.search(str(error))
        if named is None:
            raise _damaged(path, way_out) from error
        raise ValueError(
            f"{path} holds more than tensors, such as {named[1]}, and is not opened. {way_out}"
        ) from error
    except Exception as error:  # a damaged pickle raises errors of any kind
        raise _damaged(path, way_out) from error


def _damaged(path: Path, way_out: str) -> ValueError:
    return ValueError(f"{path} is damaged, or no file of torch.save. {way_out}")


def _check_container(path: Path, way_out: str) -> None:
    """Refuse what `torch.save` has not written, before anything is unpacked."""
    with path.open("rb") as file:
        beginning = file.read(len(_BEFORE_ZIP))
    if not beginning:
        raise ValueError(f"{path} is empty. {way_out}")
    if beginning == _BEFORE_ZIP:
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _damaged(path, way_out) from error
    if sum(member.file_size for member in members) > path.stat().st_size:
        raise ValueError(
            f"{path} is compressed, which torch.save never does, and could unpack to any size. "
            f"{way_out}"
        )
    inside = {member.filename.rpartition("/")[2] for member in members}
    if "constants.pkl" in inside:
        raise ValueError(f"{path} is a program of TorchScript, and is not opened. {way_out}")
    if "data.pkl" not in inside:
        raise ValueError(f"{path} is no file of torch.save. {way_out}")
