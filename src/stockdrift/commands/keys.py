"""``stockdrift keys``: every action's id, its keys and what it does, as a key map to be edited."""

from __future__ import annotations

import sys
from pathlib import Path

from stockdrift.commands.ending import DONE, USAGE, put


def run(write: Path | None) -> int:
    """Prints the key map that holds now, or writes it to a new file. Returns 0, or 3 where it cannot, or where the
    operator's own key map will not do: then it is the shipped one, which holds until that is mended.
    """
    from stockdrift.console.keymap import KeymapError, keymap_file, load_keymap, written

    keymap, status = {}, DONE
    try:
        keymap = load_keymap(keymap_file())
    except KeymapError as error:
        sys.stderr.write(f"stockdrift: {error}; the keys are as shipped\n")
        status = USAGE
    text = written(keymap)
    try:
        if write is None:
            put(text)
        else:
            with write.open("x", encoding="utf-8") as file:
                file.write(text)
    except FileExistsError:
        sys.stderr.write(f"stockdrift: {write} is there already, and is left as it is\n")
        return USAGE
    except OSError as error:
        sys.stderr.write(f"stockdrift: {write}: {error.strerror}\n")
        return USAGE
    return status
