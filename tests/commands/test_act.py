"""Writes without a console: planned, confirmed, carried out under the lease, read back, and listed afterwards."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stockdrift.cli import cli
from stockdrift.commands.operator import operator

SETTINGS = """
[journal]
url = "sqlite:///drift.db"
[master]
system = "feed"
path = "master.csv"
[surfaces.shop]
system = "feed"
path = "shop.csv"
{shop}
[surfaces.view]
system = "feed"
path = "view.csv"
"""
MASTER = "id,inventory\n" + "".join(f"S-{n:02},{n}\n" for n in range(60))
SHOP = MASTER.replace("S-03,3\n", "S-03,9\n").replace("S-07,7\n", "S-07,2\n")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text(SETTINGS.format(shop="write = true"))
    for name, table in (("master", MASTER), ("shop", SHOP), ("view", SHOP)):
        Path(f"{name}.csv").write_text(table)
    return tmp_path


def command(*words: str) -> Result:
    return CliRunner().invoke(cli, list(words))


def resync(*words: str) -> Result:
    return command("resync", "--surface", "shop", "--reason", "feed lag", *words)


def test_a_resync_is_planned_sent_read_back_and_listed(shop: Path) -> None:
    done = resync("--yes", "--note", "=after the outage")
    assert done.exit_code == 0, done.output
    assert "over      S-03        9 → 3" in done.output
    assert "under     S-07        2 → 7" in done.output
    assert done.output.endswith("2 in sync\n")
    assert Path("shop.csv").read_text() == MASTER
    assert "resync shop by" in command("actions").output
    (said,) = (json.loads(line) for line in command("actions", "--json").output.splitlines())
    assert (said["reason"], said["note"], said["verified"], said["operator"]) == (
        "feed lag", "=after the outage", True, operator(),
    )  # fmt: skip
    assert [(row["sku"], row["before"], row["after"], row["state"]) for row in said["rows"]] == [
        ("S-03", 9, 3, "in sync"), ("S-07", 2, 7, "in sync"),
    ]  # fmt: skip
    assert "S-03 9 → 3" in said["wire"][0]["sent"]
    rows = list(csv.DictReader(io.StringIO(command("actions", "--csv").output)))
    assert [row["sku"] for row in rows] == ["S-03", "S-07"]
    assert rows[0]["note"] == "'=after the outage"


def test_a_dry_run_shows_the_plan_and_sends_nothing(shop: Path) -> None:
    done = resync("--dry-run", "--json", "S-03", "S-05", "NOPE")
    assert done.exit_code == 0
    plan = json.loads(done.stdout)
    assert [(row["sku"], row["from"], row["to"]) for row in plan["rows"]] == [("S-03", 9, 3)]
    assert {row["sku"]: row["why"] for row in plan["skipped"]} == {
        "S-05": "in sync",
        "NOPE": "no such SKU was ever seen",
    }
    assert Path("shop.csv").read_text() == SHOP
    assert command("actions").output == "Nothing was ever written.\n"


def test_without_a_terminal_and_without_yes_nothing_is_sent(shop: Path) -> None:
    done = resync()
    assert done.exit_code == 2
    assert "Give --yes" in done.output
    assert Path("shop.csv").read_text() == SHOP


def test_above_a_limit_the_name_has_to_be_given(shop: Path) -> None:
    Path("shop.csv").write_text("id,inventory\n" + "".join(f"S-{n:02},{n + 5}\n" for n in range(60)))
    done = resync("--yes")
    assert done.exit_code == 2
    assert "Above 25 rows. Give --confirm shop" in done.output
    done = resync("--yes", "--confirm", "shop")
    assert done.exit_code == 0
    assert Path("shop.csv").read_text() == MASTER


def test_a_containment_sets_to_zero_and_says_so(shop: Path) -> None:
    done = command("contain", "S-03", "--surface", "shop", "--reason", "other", "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["rows"][0]["state"] == "verified"
    assert "S-03,0\n" in Path("shop.csv").read_text()


@pytest.mark.parametrize(
    ("words", "said", "status"),
    [
        (["--surface", "nowhere"], "no surface called nowhere; there are shop, view", 3),
        (["--reason", "boredom"], "none of: feed lag", 3),
        (["--surface", "view"], "view is read-only: set write = true", 2),
        (["--surface", "master"], "no surface called master", 3),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    shop: Path, words: list[str], said: str, status: int
) -> None:
    done = resync("--yes", *words)
    assert done.exit_code == status
    assert said in done.output
    assert Path("view.csv").read_text() == SHOP


@pytest.mark.parametrize(
    ("table", "said"),
    [("id,inventory\n", "The master is unknown"), ("id,inventory\nS-01,1\n", "The master is unknown")],
    ids=["empty", "collapsed"],
)
def test_an_empty_or_collapsed_master_writes_nothing(shop: Path, table: str, said: str) -> None:
    assert command("check").exit_code == 1
    assert resync("--dry-run").exit_code == 0
    Path("master.csv").write_text(table)
    done = resync("--yes", "--confirm", "shop")
    assert done.exit_code == 2
    assert said in done.output
    assert Path("shop.csv").read_text() == SHOP


@pytest.mark.parametrize("conflict", ["surface", "ask"])
def test_whoever_does_not_trust_the_master_resyncs_nothing(shop: Path, conflict: str) -> None:
    Path("settings.toml").write_text(SETTINGS.format(shop=f'write = true\nconflict = "{conflict}"'))
    done = resync("--yes")
    assert done.exit_code == 2
    assert "trust" in done.output


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('url = "http://127.0.0.1:1/x.csv"', "a feed behind a URL"),
        ('path = "view.json"\nformat = "json"', "a feed that is no table"),
        ('path = "view.csv"\nmapping = { prefix = "X-" }', "a surface whose ids are mapped"),
        ('path = "view.csv"\nmapping = { column = "sku" }', "a surface whose ids are mapped"),
    ],
)
def test_write_is_refused_where_nothing_can_be_written(shop: Path, source: str, said: str) -> None:
    text = SETTINGS.format(shop="").replace('path = "view.csv"', f"{source}\nwrite = true")
    Path("settings.toml").write_text(text)
    done = command("check")
    assert done.exit_code == 3
    assert f"surfaces.view.write: stockdrift cannot write to {said}" in done.output


def test_an_operator_is_known_by_user_and_host(monkeypatch: pytest.MonkeyPatch) -> None:
    found: Any = operator({"SSH_CONNECTION": "10.0.0.7 4711 10.0.0.1 22"})
    assert found.endswith("@10.0.0.7")
    assert "@" in operator({})


def test_with_nothing_to_do_all_is_well_unless_a_sku_that_was_named_cannot_be(shop: Path) -> None:
    Path("shop.csv").write_text(MASTER)
    done = resync("--yes")
    assert done.exit_code == 0
    assert "There is nothing to write." in done.stdout
    assert resync("--yes", "S-05").exit_code == 0
    done = resync("--yes", "NOPE")
    assert done.exit_code == 2
    assert "no such SKU was ever seen" in done.stdout
