"""What all tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import Phase, settings

pytest_plugins = ["tests.faults.table"]

# Containers like to set it. Commands that are driven here would then compile all of the package at every start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# The same examples every time: a run that fails fails again. `make torture` looks for new ones. How long one takes is
# the machine's affair.
_USUAL = [phase for phase in Phase if phase is not Phase.explain]
settings.register_profile("same", derandomize=True, deadline=None, phases=_USUAL)
settings.register_profile(  # what fails fails: nobody reads the smallest example
    "mutants", derandomize=True, database=None, deadline=None, phases=[Phase.explicit, Phase.generate]
)
settings.register_profile("new", deadline=None, phases=_USUAL)
settings.load_profile(os.environ.get("STOCKDRIFT_EXAMPLES", "same"))


@pytest.fixture(autouse=True, scope="session")
def nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A user without settings, themes, keys or memories: what a developer keeps is neither met nor changed."""
    home = tmp_path_factory.mktemp("nobody")
    with pytest.MonkeyPatch.context() as patch:
        for kind in ("CONFIG", "DATA", "STATE"):
            patch.setenv(f"XDG_{kind}_HOME", str(home))
        yield home
