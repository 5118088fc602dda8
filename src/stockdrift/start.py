"""Where the command begins, installed or as ``python -m stockdrift``.

The console is what somebody waits for. So the words by which it is opened nearly always are understood here: click, by
which :mod:`stockdrift.cli` understands all the others and these as well, takes 5 ms to load.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Final

_INTERRUPTED: Final = 130


def main() -> None:
    """Ends with the command's exit status; with 130 where it is interrupted."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # nothing here multiplies matrices: numpy need not start threads
    gc.disable()  # nothing that is loaded is garbage: there is no use in looking for it
    words = sys.argv[1:]
    if not opens_console(words):
        from stockdrift.cli import main as others

        gc.enable()
        others()
        return
    from stockdrift.commands import watch

    try:
        sys.exit(watch.run(Path(words[2]) if words[1:] else None, theme=None))
    except (KeyboardInterrupt, EOFError):
        sys.exit(_INTERRUPTED)


def opens_console(words: list[str]) -> bool:
    """Whether this is ``watch``, or ``watch --settings FILE`` of a file that can be read, and nothing else."""
    match words:
        case ["watch"]:
            return True
        case ["watch", "--settings", name]:
            return not name.startswith("-") and Path(name).is_file() and os.access(name, os.R_OK)
        case _:
            return False
