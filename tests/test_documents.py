"""What the documents name is there: files, commands, keys, targets of make; and no text names a place it should not."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from stockdrift.cli import cli
from stockdrift.console.keys import KEYS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "stockdrift"
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "benchmarks" / "README.md"])
README = (ROOT / "README.md").read_text(encoding="utf-8")
LEFT_BEHIND = {"__pycache__", ".venv", ".git"}

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


@documents
def test_every_file_that_is_named_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:\.?[\w-]+/)+(?:[\w.-]+\.\w+)?|[\w-]+\.py)`", text))
    assert {name for name in named if not any((place / name).exists() for place in (ROOT, PACKAGE))} == set()


@documents
def test_every_link_leads_somewhere(document: Path) -> None:
    links = set(re.findall(r"\]\((?!https?:)([^)#\s]+)", document.read_text(encoding="utf-8")))
    assert {link for link in links if not (document.parent / link).exists()} == set()


@documents
def test_every_target_of_make_is_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", document.read_text(encoding="utf-8"), re.MULTILINE)) <= targets


@documents
def test_every_command_and_option_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    fenced = [
        line
        for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
    ]
    lines = [*fenced, *re.findall(r"`([^`\n]+)`", text)]
    for line in (found[1] for line in lines if (found := re.match(r"(?:\.venv/bin/)?stockdrift (.+)", line))):
        words = re.split(r"\s[|>]", line)[0].split()
        command: click.Command = cli
        if not words[0].startswith("-"):
            assert words[0] in cli.commands, line
            command = cli.commands[words[0]]
        known = {option for parameter in command.params for option in parameter.opts}
        known |= {"--help", "-h"}
        assert {word for word in words if word.startswith("-")} <= known, line


def test_every_command_is_in_the_readme() -> None:
    rows = set(re.findall(r"^\| `stockdrift ([a-z]+)", README, re.MULTILINE))
    assert rows == set(cli.commands)


def test_the_keys_of_the_readme_are_those_of_the_registry() -> None:
    section = README.partition("## Keys of the console")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \|", section, re.MULTILINE)
    shown = {key for key in re.split(r"[`, ]+", " ".join(rows)) if key}
    registered = {word for key in KEYS for word in key.shown.split()}
    assert len(shown) > 10
    assert shown <= registered


def test_make_helps() -> None:
    done = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    told = set(re.findall(r"^  make ([a-z-]+)", done.stdout, re.MULTILINE))
    assert {"demo", "test", "lint", "bench", "torture", "test-real", "docs", "picture"} <= told


def committed() -> list[Path]:
    """What git holds; where there is no git, what a checkout holds without what tools leave in it."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        listed = None
    if listed is not None and listed.returncode == 0 and listed.stdout:
        files = [ROOT / name for name in listed.stdout.split("\0") if name]
    else:
        folders = [ROOT / name for name in (".ci", "benchmarks", "docs", "src", "tests", "themes")]
        files = [*ROOT.iterdir(), *(file for folder in folders for file in folder.rglob("*"))]
    return [file for file in files if file.is_file() and LEFT_BEHIND.isdisjoint(file.relative_to(ROOT).parts)]


def texts() -> Iterator[tuple[Path, str]]:
    """Every committed text of the project."""
    for file in committed():
        try:
            yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


# Characters in brackets, so that this file does not name them either.
PLACES = {
    "the address of a package registry": r"pypi[.](?:org|python)|pythonhosted[.]org|index[-]url|npmjs[.](?:com|org)",
    "a path of one machine": r"(?<![\w.~*)}\]-])/(?:home|Users|root|work|tmp)[/]",
}


@pytest.mark.parametrize("what", PLACES)
def test_no_text_names(what: str) -> None:
    pattern = re.compile(PLACES[what], re.IGNORECASE)
    seen = 0
    found = []
    for file, text in texts():
        seen += 1
        found += [f"{file}: {match.group()}" for match in pattern.finditer(text)]
    assert seen > 150
    assert found == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("the address of a package registry", "https://" + "pypi" + ".org/simple"),
        ("the address of a package registry", "--extra-index" + "-url https://x"),
        ("a path of one machine", 'open("/' + 'home/ann/x")'),
        ("a path of one machine", "see /" + "tmp/x"),
    ],
)
def test_what_no_text_may_name_is_recognised(what: str, text: str) -> None:
    assert re.search(PLACES[what], text, re.IGNORECASE)
