"""What the tests of the lab share."""

import pytest

from l2scale.lab import incache


@pytest.fixture(params=["plain", "compiled"])
def trainer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two trains the runs that both can: torch with scipy, or compiled kernels."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    else:
        monkeypatch.setattr(incache, "suits", lambda run, device: False)
    return request.param
