"""Writes without a console: planned, confirmed, carried out under the lease, read back, and listed afterwards."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from stockdrift.cli import cli
from stockdrift.collector.lease import acquire
from stockdrift.commands import reading_anew
from stockdrift.commands.operator import operator
from stockdrift.store.base import JournalError

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
    done = resync("--yes", "--note", "=after\x1b the outage")
    assert done.exit_code == 0, done.output
    assert "over       S-03        9 → 3" in done.output
    assert "under      S-07        2 → 7" in done.output
    assert done.output.endswith("2 in sync\n")
    assert Path("shop.csv").read_text() == MASTER
    record = command("actions").output
    assert "resync shop by" in record
    assert "  2 in sync\n    S-03  9 → 3  in sync\n    S-07  2 → 7  in sync\n" in record
    assert "  sent shop.csv: S-03 9 → 3" in record
    (said,) = (json.loads(line) for line in command("actions", "--json").output.splitlines())
    assert (said["reason"], said["note"], said["verified"], said["operator"]) == (
        "feed lag", "=after\\x1b the outage", True, operator(),
    )  # fmt: skip
    assert [(row["sku"], row["before"], row["after"], row["state"]) for row in said["rows"]] == [
        ("S-03", 9, 3, "in sync"), ("S-07", 2, 7, "in sync"),
    ]  # fmt: skip
    assert "S-03 9 → 3" in said["wire"][0]["sent"]
    rows = list(csv.DictReader(io.StringIO(command("actions", "--csv").output)))
    assert [row["sku"] for row in rows] == ["S-03", "S-07"]
    assert rows[0]["note"] == "'=after\\x1b the outage"


def test_a_pause_bars_no_write_and_no_reading_back(shop: Path) -> None:
    assert resync("--dry-run").exit_code == 0
    assert command("pause", "shop", "--reason", "its host asked for it").exit_code == 0
    done = resync("--yes", "S-03")
    assert done.exit_code == 0, done.output
    assert done.output.endswith("1 in sync\n")


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
        (["--surface", "VIEW"], "view is read-only: set write = true", 2),
        (["--surface", "master"], "no surface called master", 3),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    shop: Path, words: list[str], said: str, status: int
) -> None:
    done = resync("--yes", *words)
    assert done.exit_code == status
    assert said in done.output
    assert "Reading" not in done.output
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


def keys() -> list[str]:
    """Keys of all actions, oldest first."""
    return [json.loads(line)["key"] for line in command("actions", "--json").output.splitlines()][::-1]


def test_a_rollback_takes_back_once_what_the_surface_still_shows(shop: Path) -> None:
    assert resync("--yes").exit_code == 0
    (first,) = keys()
    Path("shop.csv").write_text(MASTER.replace("S-07,7\n", "S-07,6\n"))
    back = ("rollback", first[:8], "--reason", "manual fix", "--yes")
    planned = command(*back[:-1], "--dry-run").output
    assert "not what the master says" in planned
    assert "  → over     S-03        3 → 9" in planned
    assert "\n1 row will show more than the master allows.\n" in planned
    assert "none" not in planned
    assert "Takes about 1 s; visible to shoppers in " in planned
    done = command(*back)
    assert done.exit_code == 0, done.output
    assert "S-07: shop has moved on: it shows 6, not 7" in done.output
    assert "S-03,9\n" in Path("shop.csv").read_text()
    assert "S-07,6\n" in Path("shop.csv").read_text()
    again = command(*back)
    assert again.exit_code == 2
    assert "Nothing of it can be taken back" in again.output
    assert f"takes back {first[:8]}" in command("actions").output
    assert "rollback        " in command("actions", "--unusual").output
    assert command("rollback", "feed", "--reason", "other").exit_code == 3
    assert "there is no action 'feed'" in command("rollback", "feed", "--reason", "other").output


def test_what_failed_is_kept_until_it_is_tried_once_more_or_dismissed(shop: Path) -> None:
    Path("settings.toml").write_text(SETTINGS.format(shop="write = true") + "[actions]\ntries = 1\n")
    Path("shop.csv").write_bytes(SHOP.encode() + b"S-99,5,\xff\n")  # it can be read, and is no text to be written
    failed = resync("S-03", "--yes")
    assert failed.exit_code == 1, failed.output
    assert "S-03  9 → 3  undelivered: not sent: shop.csv is not UTF-8" in failed.output
    (first,) = keys()
    assert "a dead letter" in command("actions", "--dead").output
    Path("shop.csv").write_text(SHOP)
    done = command("retry", first[:6], "--reason", "recount", "--yes")
    assert done.exit_code == 0, done.output
    assert command("actions", "--dead").output == "None.\n"
    second = json.loads(command("actions", "--json").output.splitlines()[0])
    assert (second["retries"], second["verified"]) == (first, True)
    again = command("retry", first[:6], "--reason", "recount", "--yes")
    assert (again.exit_code, "Nothing of it is left" in again.output) == (2, True)
    assert command("dismiss", first[:6], "--because", "done").exit_code == 2


def test_a_collector_of_our_own_that_fails_is_not_waited_for(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def collecting(*_: object, **__: object) -> None:
        raise JournalError("The disk is full.")

    monkeypatch.setattr("stockdrift.commands.collect.collecting", collecting)
    done = resync("--yes")
    assert (done.exit_code, "stockdrift: The disk is full." in done.output) == (3, True)


def test_a_dead_letter_is_dismissed_for_a_reason(shop: Path) -> None:
    Path("shop.csv").write_bytes(SHOP.encode() + b"S-99,5,\xff\n")
    assert resync("S-03", "--yes").exit_code == 1
    (first,) = keys()
    assert command("dismiss", first, "--because", " ").exit_code == 3
    assert command("dismiss", first[:6], "--because", "sold by hand").exit_code == 0
    assert command("actions", "--dead").output == "None.\n"
    assert ": sold by hand" in command("actions").output


def test_a_freeze_is_overridden_by_its_name_and_that_is_recorded(shop: Path) -> None:
    frozen = '[[actions.freeze]]\nname = "Black Friday"\nzone = "UTC"\nend = 2100-01-01\n'
    Path("settings.toml").write_text(SETTINGS.format(shop="write = true") + frozen)
    assert resync("--dry-run").exit_code == 2
    barred = resync("--yes")
    assert barred.exit_code == 2
    assert "Black Friday freezes shop, until 2" in barred.output
    assert 'Give --override "Black Friday"' in barred.output
    assert Path("shop.csv").read_text() == SHOP
    done = resync("--yes", "--override", "Black Friday")
    assert done.exit_code == 0, done.output
    assert Path("shop.csv").read_text() == MASTER
    assert "in spite of Black Friday" in command("actions").output
    stood_out = json.loads(command("actions", "--unusual", "--json").output)
    assert (stood_out["kind"], stood_out["surface"]) == ("override", "shop")
    assert command("actions", "--unusual", "--day", "2020-01-01").output == "Nothing unusual.\n"
    assert command("actions", "--day", "yesterday").exit_code == 3


def test_whoever_is_asked_whom_to_trust_says_so_and_it_is_recorded(shop: Path) -> None:
    Path("settings.toml").write_text(SETTINGS.format(shop='write = true\nconflict = "ask"'))
    other = resync("S-03", "--yes", "--trust", "surface")
    assert other.exit_code == 2
    assert "correct the master where it is kept" in other.output
    assert "S-03: you trust shop: it shows 9, the master makes 3" in other.output
    assert "Give --trust master" in resync("S-03", "--yes").output
    assert Path("shop.csv").read_text() == SHOP
    done = resync("S-03", "--yes", "--trust", "master")
    assert done.exit_code == 0, done.output
    assert json.loads(command("actions", "--json").output)["trust"] == "master"


def test_a_dry_run_on_every_surface_says_in_the_end_where_it_would_write_and_where_not(shop: Path) -> None:
    tried = command("contain", "S-03", "--all-surfaces", "--reason", "other", "--dry-run")
    assert tried.output.endswith("In all it would write to shop 1 row; refused on view.\n"), tried.output
    assert tried.exit_code == 1
    Path("settings.toml").write_text(SETTINGS.format(shop="write = true") + "write = true\n")
    Path("view.csv").write_text(SHOP.replace("S-03,9", "S-03,0"))
    tried = command("contain", "S-03", "--all-surfaces", "--reason", "other", "--dry-run")
    assert "There is nothing to write to view.\n" in tried.output
    assert tried.output.endswith("In all it would write to shop 1 row; nothing to do on view.\n")
    assert tried.exit_code == 0


def test_a_containment_on_every_surface_says_where_it_could_not_be(shop: Path) -> None:
    done = command("contain", "S-03", "--all-surfaces", "--reason", "other", "--yes")
    assert done.exit_code == 1, done.output
    assert "view is read-only" in done.output
    assert "S-03,0\n" in Path("shop.csv").read_text()
    assert Path("master.csv").read_text() == MASTER
    both = SETTINGS.format(shop="write = true") + "write = true\n"
    Path("settings.toml").write_text(both)
    assert command("contain", "S-03", "--all-surfaces", "--reason", "other", "--yes").exit_code == 0
    assert "S-03,0\n" in Path("view.csv").read_text()
    assert CliRunner().invoke(cli, ["contain", "S-03", "--reason", "other"]).exit_code == 2


def test_a_file_has_no_listings_to_take_down_and_says_what_to_do_instead(shop: Path) -> None:
    for words in (["contain", "--listing"], ["relist"]):
        done = command(*words, "S-03", "--surface", "shop", "--reason", "other", "--yes")
        assert done.exit_code == 2
        assert "contain its SKUs instead" in done.output or "it is listed already" in done.output
    assert Path("shop.csv").read_text() == SHOP


def test_a_surface_that_nobody_can_write_is_refreshed_by_hand(shop: Path) -> None:
    text = SETTINGS.format(shop="").replace('path = "view.csv"', 'path = "view.csv"\nmapping = { rule = "(.+)" }')
    Path("settings.toml").write_text(text)
    for words in (["refresh"], ["resync"]):
        done = command(*words, "S-03", "--surface", "view", "--reason", "feed lag", "--dry-run", "--json")
        assert done.exit_code == 0, done.output
        plan = json.loads(done.stdout)
        assert (plan["kind"], [row["sku"] for row in plan["rows"]]) == ("refresh", ["S-03"])
        assert "Whoever makes the feed" in plan["advice"]


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
    assert "There is nothing to write to shop." in done.stdout
    assert resync("--yes", "S-05").exit_code == 0
    done = resync("--yes", "NOPE")
    assert done.exit_code == 2
    assert "no such SKU was ever seen" in done.stdout


def test_that_nothing_is_to_be_done_is_not_verified_where_the_collector_reads_no_more(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert resync("--yes").exit_code == 0  # all was read a moment ago, and is in sync
    monkeypatch.setattr(reading_anew, "READING", 0.05)
    lease = acquire(shop / "drift.db", started=datetime.now(UTC))  # a collector that hangs
    try:
        done = resync("--yes", "S-05")
    finally:
        lease.release()
    assert "did not read shop, master anew in time" in done.output
    assert "S-05: in sync" in done.output
    assert done.exit_code == 1
