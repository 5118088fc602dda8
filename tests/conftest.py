"""What all tests share."""

import os

from hypothesis import Phase, settings

pytest_plugins = ["tests.faults.table"]

# The same examples every time: a run that fails fails again. `make torture` looks for new ones.
settings.register_profile("same", derandomize=True, phases=[phase for phase in Phase if phase is not Phase.explain])
settings.register_profile("new", deadline=None, phases=[phase for phase in Phase if phase is not Phase.explain])
settings.load_profile(os.environ.get("STOCKDRIFT_EXAMPLES", "same"))
