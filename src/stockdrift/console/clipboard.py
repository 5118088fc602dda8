"""The terminal's clipboard, which is the operator's also over SSH: OSC 52 (XTerm Control Sequences, "Operating System
Commands", Ps = 5 2).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Final

CAP: Final = 74_988
"""Bytes of text; coded, that is just below the 100,000 bytes after which terminals drop the whole sequence."""


def osc52(text: str, environment: Mapping[str, str]) -> str | None:
    """What puts ``text`` into the clipboard; None where it is too long. Inside tmux it is wrapped, each escape doubled,
    so that tmux (from 3.3 on with ``allow-passthrough``) hands it to the terminal outside.
    """
    raw = text.encode("utf-8", "replace")
    if len(raw) > CAP:
        return None
    sequence = f"\x1b]52;c;{base64.b64encode(raw).decode('ascii')}\a"
    if environment.get("TMUX"):
        # tmux itself understands the plain one where set-clipboard is on: both reach it, whichever is allowed works
        return sequence + "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    return sequence
