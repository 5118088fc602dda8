"""Who is at the keyboard: as it is recorded with everything that a person does."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping

from stockdrift.stock.text import clean


def operator(environment: Mapping[str, str] = os.environ) -> str:
    """The user, and where he comes from: ``maya@10.0.0.7`` over SSH, else ``maya@`` and this machine's name."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "operator"
    came_from = environment.get("SSH_CONNECTION", "").split(" ")[0]
    return clean(f"{user}@{came_from or socket.gethostname() or 'localhost'}")
