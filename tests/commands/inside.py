"""The command line within this process: what it prints and how it ends, without waiting for another Python to start."""

from __future__ import annotations

import io
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryFile
from typing import BinaryIO

import pytest

from stockdrift.cli import main


def stockdrift(folder: Path, *words: str, encoding: str = "utf-8", reader: bool = True) -> CompletedProcess[str]:
    """``stockdrift WORDS`` in ``folder``, which is the user's own too: printed in ``encoding``; without a ``reader``
    into a pipe whose other end is closed.
    """
    with TemporaryFile() if reader else _deserted() as raw:
        out, err = io.TextIOWrapper(raw, encoding, newline=""), io.TextIOWrapper(io.BytesIO(), "utf-8", newline="")
        with pytest.MonkeyPatch.context() as patch, chdir(folder), redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["stockdrift", *words])
            patch.setenv("XDG_DATA_HOME", str(folder / "data"))
            patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
            with ThreadPoolExecutor(1) as thread:  # an event loop of its own, whoever asks
                ending = thread.submit(main).exception()
        if ending is not None and not isinstance(ending, SystemExit):
            raise ending
        status = ending.code if ending is not None else 0
        assert status is None or isinstance(status, int)
        texts = []
        for stream in (out, err):
            stream.flush()
            if stream.seekable():
                stream.seek(0)
            texts.append(stream.read() if stream.seekable() else "")
    return CompletedProcess(words, status or 0, *texts)


def _deserted() -> BinaryIO:
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "wb")
