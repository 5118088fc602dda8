"""What is said of settings that will not do: the file, the key, what is wrong, what would be right; never a secret."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from stockdrift.settings import SettingsError, load
from tests.settings.conftest import LEAST, Write

Refused = Callable[[str], list[str]]
MASTER = '[master]\nsystem = "feed"\npath = "master.csv"\n'
SYSTEMS = "ecwid, ecwid-storefront, feed, medusa, medusa-storefront, meta, vendure, vendure-storefront"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[store]\ntolerence = 1\n", 'store.tolerence: unknown key; did you mean "store.tolerance"?'),
        ("[stor]\nname = 1\n", 'stor: unknown key; did you mean "store"?'),
        (
            "zzz = 1\n",
            "zzz: unknown key; valid are actions, collector, display, ignore, journal, master, store, surfaces",
        ),
        (
            "file = 1\n",
            "file: unknown key; valid are actions, collector, display, ignore, journal, master, store, surfaces",
        ),
        ("[store]\nlow_stock = true\n", "store.low_stock: must be a whole number, not true"),
        ("[store]\nlow_stock = 2.5\n", "store.low_stock: must be a whole number, not 2.5"),
        ("[store]\nlow_stock = -1\n", "store.low_stock: must be at least 0"),
        ("[store]\nname = 1\n", "store.name: must be text in quotes"),
        ("[store]\ntolerance = 2.5\n", "store.tolerance: not a tolerance: '2.5'; write whole units"),
        ("[store]\ntolerance = true\n", "store.tolerance: not a tolerance: 'True'; write whole units"),
        ("[store]\ntolerance = -1\n", "store.tolerance: not a tolerance: '-1'; write whole units"),
        ('[store]\nsku_tolerance = { "A B" = "x" }\n', "store.sku_tolerance.\"A B\": not a tolerance: 'x'"),
        ("[store]\nbundles = { A = { B = 0 } }\n", "store.bundles.A.B: must be more than 0"),
        ("[store]\nbundles = { A = {} }\n", "store.bundles: A has no components"),
        ("[store]\nbundles = { A = { B = 1 }, B = { C = 1 } }\n", "store.bundles: A contains B, which is a bundle"),
        ("store = 1\n", "store: must be a table"),
        ('[journal]\nurl = "postgres://h/db"\n', 'journal.url: a journal is a file; write it as "sqlite:///drift.db"'),
        ('[journal]\nurl = "sqlite:///"\n', "journal.url: a journal is a file"),
        ('[journal]\nurl = "sqlite:///:memory:"\n', "journal.url: a journal is a file"),
        ('[journal]\nurl = "sqlite:///a.db?mode=ro"\n', "journal.url: a journal is a file"),
        ('[journal]\nurl = "sqlite:///folder/"\n', "journal.url: a journal is a file"),
        ('[journal]\nurl = "sqlite:///a\\u0000b"\n', "journal.url: a journal is a file"),
        ('[journal]\nurl = "sqlite:///other/../master.csv"\n', "journal.url: is the very file that master reads"),
        ('[journal]\nurl = "sqlite:///facebook.tsv"\n', "journal.url: is the very file that surfaces.facebook reads"),
        (f"[store]\nlow_stock = {2**31}\n", "store.low_stock: must be at most 2147483647"),
        (f"[store]\ntolerance = {2**31}\n", "store.tolerance: not a tolerance: '2147483648'"),
        (f"[store]\ntolerance_floor = {10**30}\n", "store.tolerance_floor: must be at most 2147483647"),
        (f"[store]\nbundles = {{ A = {{ B = {10**30} }} }}\n", "store.bundles.A.B: must be at most 2147483647"),
        ('[store]\nbundles = { A = { "B " = 1 }, B = { C = 1 } }\n', "store.bundles: A contains B, which is a bundle"),
        ('[store]\nsku_tolerance = { A = 1, " A" = 9 }\n', "store.sku_tolerance: A is there twice"),
        ('[store]\nsku_tolerance = { " " = 1 }\n', "store.sku_tolerance: a SKU is empty"),
        ('[store]\ncurrency = "£"\n', 'store.currency: not a currency; write its ISO code, such as "GBP"'),
        ("[collector]\nmax_depth = 501\n", "collector.max_depth: must be at most 500"),
        ("[collector]\ntries = 99\n", "collector.tries: must be at most 10"),
        ('[collector]\ntimeout = "0s"\n', "collector.timeout: must be longer than nothing"),
        ('[collector]\ntimeout = "9999999d"\n', "collector.timeout: 9999999d is longer than ten years"),
        ('[display]\nglyphs = "many"\n', "display.glyphs: must be one of 'full', 'plain', 'ascii', not \"many\""),
    ],
)
def test_a_key(refused: Refused, text: str, said: str) -> None:
    (line,) = refused(text + LEAST)
    assert line.startswith(f"FILE: {said}")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("lga = 1", 'surfaces.facebook.lga: unknown key; did you mean "surfaces.facebook.lag"?'),
        ("SKU_tolerance = {}", 'surfaces.facebook.SKU_tolerance: unknown key; did you mean "surfaces.facebook.sku_'),
        ("columns = { skuu = 1 }", 'surfaces.facebook.columns.skuu: unknown key; did you mean "surfaces.facebook.col'),
        ("sku_allotment = { A = { bufer = 1 } }", "surfaces.facebook.sku_allotment.A.bufer: unknown key; did you mean"),
        ("sweep_every = 1", "surfaces.facebook.sweep_every: unknown key for the system feed; it belongs to ecwid"),
        ('url = "https://a.example/b"', "surfaces.facebook: a feed has either path or url"),
        ('kind = "feeds"', "surfaces.facebook.kind: must be one of 'native', 'feed', 'marketplace', not \"feeds\""),
        ("every = 30", "surfaces.facebook.every: not a duration: '30'; write it like \"30s\""),
        ('every = "0s"', "surfaces.facebook.every: must be at least 100ms"),
        ('lag = "1h x"', "surfaces.facebook.lag: not a duration"),
        ('max_shrink = "120%"', "surfaces.facebook.max_shrink: must be at most 100%"),
        ("share = 1.5", 'surfaces.facebook.share: a share lies between 0 and 1, or "0%" and "100%", not'),
        ("share = nan", "surfaces.facebook.share: a share lies between 0 and 1"),
        ("share = inf", "surfaces.facebook.share: a share lies between 0 and 1"),
        ("share = true", "surfaces.facebook.share: a share lies between 0 and 1"),
        ('active = "perhaps"', 'surfaces.facebook.active: must be true or false, not "perhaps"'),
        ("columns = 1", "surfaces.facebook.columns: must be a table"),
        ('columns = { sku = " " }', "surfaces.facebook.columns.sku: must not be empty"),
        (
            'columns = { committed = "sold" }',
            "surfaces.facebook: the columns committed, reserved and damaged are parts",
        ),
        (f"cap = {2**63}", "surfaces.facebook.cap: must be at most 2147483647"),
        (f"buffer = {2**63}", "surfaces.facebook.buffer: must be at most 2147483647"),
        ("sku_allotment = { A = {}, 'A ' = {} }", "surfaces.facebook.sku_allotment: A is there twice"),
        ('token = "env:NOT_SET_ANYWHERE"', "surfaces.facebook.token: the environment variable NOT_SET_ANYWHERE is not"),
        ('every = "1ms"', "surfaces.facebook.every: must be at least 100ms"),
        ('token = "file:"', 'surfaces.facebook.token: write a secret as "env:NAME" or "file:PATH"'),
        ('token = "file:no/such"', "surfaces.facebook.token: cannot read the secret file "),
    ],
)
def test_a_key_of_a_surface(refused: Refused, keys: str, said: str) -> None:
    (line,) = refused(LEAST + keys)
    assert line.startswith(f"FILE: {said}")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("ftp://shop.example/a", "not an address; write it like"),
        ("shop.example/a.csv", "not an address; write it like"),
        ("https://", "not an address; write it like"),
        ("https://h:99999/", "not an address"),
        ("https://[::1", "not an address"),
        ("https://h/a b.csv", "an address holds neither spaces nor control characters"),
        ("https://h/\\u001b[31m", "an address holds neither spaces nor control characters"),
        ("https://h/\\n", "an address holds neither spaces nor control characters"),
        ("https://me:hunter2@shop.example/", "a user name or password does not belong in an address; use token"),
    ],
)
def test_an_address(refused: Refused, address: str, said: str) -> None:
    (line,) = refused(LEAST.replace('path = "facebook.tsv"', f'url = "{address}"'))
    assert line.startswith(f"FILE: surfaces.facebook.url: {said}")
    assert "hunter2" not in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (MASTER, "surfaces: there is none to compare; add a table such as [surfaces.facebook]"),
        (MASTER + "[surfaces]\n", "surfaces: there is none to compare; add a table such as [surfaces.facebook]"),
        (LEAST.replace("[master]", "[surfaces.x]"), "master: is missing"),
        (MASTER + "[surfaces.a]\npath = 'a'\n", f"surfaces.a.system: is missing; one of {SYSTEMS}"),
        (
            MASTER + "[surfaces.a]\nsystem = 'ecwyd'\n",
            f"surfaces.a.system: 'ecwyd' is no system; one of {SYSTEMS}; did you mean \"ecwid\"?",
        ),
        (MASTER + "[surfaces.a]\nsystem = 'ebay'\n", f"surfaces.a.system: 'ebay' is no system; one of {SYSTEMS}"),
        (MASTER + "[surfaces.feed]\nsystem = 'feed'\n", "surfaces.feed: a feed has either path or url"),
        ("surfaces = 1\n" + MASTER, "surfaces: must be a table"),
        (
            "master = 1\n[surfaces.a]\nsystem = 'feed'\npath = 'a'\n",
            "master: must be a table",
        ),
        (MASTER + "[surfaces.a]\nsystem = 'ecwid'\nstore_id = 1\n", "surfaces.a.token: is missing; it must be set"),
        (
            MASTER + "[surfaces.a]\nsystem = 'ecwid'\nstore_id = 0\ntoken = 'env:HOME'\n",
            "surfaces.a.store_id: must be more than 0",
        ),
        (MASTER + "[surfaces.a]\nsystem = 'feed'\npath = ''\n", "surfaces.a.path: is not a path"),
        (MASTER + '[surfaces.a]\nsystem = "feed"\npath = "a\\u0000b"\n', "surfaces.a.path: is not a path"),
        (MASTER + '[surfaces.a]\nsystem = "feed"\npath = 1\n', "surfaces.a.path: must be a path in quotes"),
        (MASTER + '[[surfaces]]\nsystem = "feed"\n', "surfaces: must be a table"),
    ],
)
def test_a_source(refused: Refused, text: str, said: str) -> None:
    (line,) = refused(text)
    assert line.startswith(f"FILE: {said}")


def test_all_errors_are_listed(refused: Refused) -> None:
    lines = refused(
        "[store]\ntolerence = 1\nlow_stock = 'x'\n" + MASTER + "buffer = 1\n[surfaces.a]\nsystem = 'feed'\nlag = 'x'\n"
    )
    assert [line.split(": ")[1] for line in lines] == ["store.low_stock", "store.tolerence", "surfaces.a.lag"]


def test_every_contradiction_is_listed(refused: Refused) -> None:
    lines = refused(
        MASTER + "buffer = 1\nactive = false\n"
        "[surfaces.Master]\nsystem = 'feed'\npath = 'a.csv'\n"
        "[surfaces.twin]\nsystem = 'feed'\npath = './other/../master.csv'\n"
    )
    assert [line.split(": ")[1] for line in lines] == [
        "master.active",
        "master.buffer",
        "surfaces.Master",
        "surfaces.twin",
    ]
    assert lines[2] == 'FILE: surfaces.Master: a surface cannot be called "master"'
    assert "it would be compared with itself" in lines[3]


ECWID = '[master]\nsystem = "ecwid"\nstore_id = 1\ntoken = "env:SECRET"\napi = "https://App.Ecwid.com:443/api/v3/"\n'


@pytest.mark.parametrize(
    ("surface", "said"),
    [
        ('system = "ecwid"\ntoken = "env:SECRET"', "is read through the master's own endpoint and credential"),
        (
            'system = "ecwid-storefront"\ntoken = "env:SECRET"',
            "is read through the master's own endpoint and credential",
        ),
        ('system = "ecwid-storefront"\ntoken = "env:OTHER_SECRET"', "token: is a secret token; what a shopper sees is"),
        ('system = "ecwid-storefront"\ntoken = "env:PUBLIC"', ""),
        ('system = "ecwid"\ntoken = "env:OTHER_SECRET"', "is read through the master's own endpoint and credential"),
        (
            'system = "ecwid"\napi = "https://proxy.example/v3"\nwrite = true\ntoken = "env:OTHER_SECRET"',
            "write: is the master's own store, which is never written",
        ),
        (
            'system = "ecwid-storefront"\nwrite = true\ntoken = "env:PUBLIC"',
            "write: stockdrift cannot write to a surface of system ecwid-storefront",
        ),
    ],
)
def test_no_surface_is_the_master_itself(
    write: Write, monkeypatch: pytest.MonkeyPatch, surface: str, said: str
) -> None:
    for name, secret in (("SECRET", "secret_1"), ("OTHER_SECRET", "secret_2"), ("PUBLIC", "public_1")):
        monkeypatch.setenv(name, secret)
    file = write(ECWID + f"[surfaces.site]\nstore_id = 1\n{surface}\n")
    if not said:
        assert "site" in load(file).surfaces
        return
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert said in str(caught.value)
    assert "secret_" not in str(caught.value)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example/s.csv", "https://A.example:443/s.csv#x", True),
        ("https://a.example/s.csv", "http://a.example/s.csv", False),
        ("https://a.example/s.csv?x=1", "https://a.example/s.csv?x=2", False),
    ],
)
def test_two_spellings_of_one_address(write: Write, one: str, other: str, same: bool) -> None:
    file = write(f'[master]\nsystem = "feed"\nurl = "{one}"\n[surfaces.a]\nsystem = "feed"\nurl = "{other}"\n')
    if same:
        with pytest.raises(SettingsError, match="own endpoint"):
            load(file)
    else:
        assert "a" in load(file).surfaces


@pytest.mark.parametrize("name", ["", "a\\u001b[31mb", "a\\u202eb", "x" * 41])
def test_a_name_that_could_lie_on_screen(refused: Refused, name: str) -> None:
    (line,) = refused(MASTER + f'[surfaces."{name}"]\nsystem = "feed"\npath = "a.csv"\n')
    assert "a surface's name has 1 to 40 printable characters" in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[store\nname = 1\n", "is not TOML: line 1, column 7: "),
        ("a = 1\nb = \n", "is not TOML: line 2, column 5: "),
        ("[store]\nname = 'a", "is not TOML: "),
        ("a = 1\na = 2\n", "is not TOML: line 2, column 6: "),
        ("a = " + "9" * 5_000, "is not TOML: "),
        ("a = " + "[" * 100_000, "is nested too deeply"),
    ],
)
def test_toml_that_is_none(refused: Refused, text: str, said: str) -> None:
    (line,) = refused(text)
    assert line.startswith(f"FILE: {said}")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (LEAST + 'token = "file:\\u001b[31mx"', "\\x1b[31mx: No such file"),
        (LEAST + 'token = "file:a\\nb"', "a\\x0ab: No such file"),
        ('[store]\nbundles = { "\\u202eA" = {} }\n' + LEAST, "\\u202eA has no components"),
        ('"\\u001b[2J" = 1\n' + LEAST, "\\u001b[2J"),
    ],
)
def test_nothing_that_is_quoted_steers_a_terminal(refused: Refused, text: str, escaped: str) -> None:
    (line,) = refused(text)
    assert escaped in line
    assert line.isprintable()


IGNORED = '[[ignore]]\nsku = "A"\nreason = "counted again"\nuntil = 2026-12-24\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (IGNORED.replace('"A"', '" "'), "ignore.1.sku: must not be empty"),
        (IGNORED.replace('"counted again"', '""'), "ignore.1.reason: must not be empty"),
        (IGNORED.replace("2026-12-24", '"soon"'), "ignore.1.until: not a date: 'soon'; write it like 2026-12-24, "),
        (IGNORED.replace("2026-12-24", "12:30:00"), "ignore.1.until: not a date; write it like 2026-12-24, "),
        (IGNORED.replace("reason", "raison"), 'ignore.1.raison: unknown key; did you mean "ignore.1.reason"?'),
        (IGNORED + IGNORED.replace("until = 2026-12-24\n", ""), "ignore.2.until: is missing; it must be set"),
        (
            IGNORED + 'surface = "facebok"\n',
            "ignore.1.surface: there is no surface 'facebok'; did you mean \"facebook\"?",
        ),
        (IGNORED + IGNORED.replace('"A"', '" A"'), "ignore.2: A is ignored twice"),
        ("[ignore]\nsku = 1\n", "ignore: must be a list of tables"),
    ],
)
def test_an_ignored_sku(refused: Refused, text: str, line: str) -> None:
    assert [found for found in refused(LEAST + text) if found.startswith(f"FILE: {line}")]


@pytest.mark.parametrize("pasted", ["secret_4fJ9kPq21xYz", "AKIAIOSFODNN7EXAMPLE", "hunter2", "a b"])
def test_a_secret_that_was_pasted_for_a_name_is_not_told(refused: Refused, pasted: str) -> None:
    (line,) = refused(LEAST + f'token = "env:{pasted}"')
    assert pasted not in line
    assert line.endswith('the environment variable that "env:" names (it is not shown) is not set')


@pytest.mark.parametrize("secret", ["hunter 2", "hunter\n2", "hünter2", "hunter\x7f2"])
def test_a_secret_that_no_header_carries(refused: Refused, monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("SHOP_TOKEN", secret)
    assert refused(LEAST + 'token = "env:SHOP_TOKEN"') == [
        "FILE: surfaces.facebook.token: the environment variable SHOP_TOKEN holds no token"
    ]


def test_all_products_are_not_read_with_a_public_token(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC", "public_1")
    table = 'system = "ecwid"\nstore_id = 1\ntoken = "env:PUBLIC"\n'
    lines = refused(f'[master]\n{table}[surfaces.a]\nsystem = "feed"\npath = "a.csv"\n[surfaces.b]\n{table}')
    assert lines[:2] == [
        f"FILE: {key}.token: is a public token; all products are read with the secret one"
        for key in ("master", "surfaces.b")
    ]


def test_a_path_that_leads_to_itself_is_left_to_the_reading(write: Write) -> None:
    file = write(LEAST)
    (file.parent / "facebook.tsv").symlink_to("facebook.tsv")
    assert "facebook" in load(file).surfaces


def test_bytes_that_are_no_text(write: Write) -> None:
    file = write("")
    file.write_bytes(b"[store]\nname = '\xff'\n")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 17\)"):
        load(file)


@pytest.mark.parametrize(
    "line",
    [
        'token = "hunter2"',
        'tokn = "hunter2"',
        'url = "https://hunter2@shop.example/"',
        'token = { a = "hunter2" }',
        'token = ["hunter2"]',
        'kind = ["hunter2"]\ntoken = "hunter2"',
    ],
)
def test_no_secret_is_printed(refused: Refused, line: str) -> None:
    key = line.splitlines()[-1]
    assert not [said for said in refused(LEAST + line) if "hunter2" in said and "kind" not in said], key


@pytest.mark.parametrize(
    ("mapping", "line"),
    [
        ("{}", "surfaces.facebook.mapping: a mapping has one of column, file, rule and prefix"),
        (
            '{ prefix = "A", rule = "B" }',
            "surfaces.facebook.mapping: a mapping has one of column, file, rule and prefix",
        ),
        ('{ prefix = "A", to = "B" }', "surfaces.facebook.mapping: to belongs to a rule"),
        ('{ rule = "(" }', "surfaces.facebook.mapping: the rule is no regular expression: missing ), unterminated"),
        ('{ rule = "(a+)+" }', "surfaces.facebook.mapping: the rule could take for ever: repeat no group"),
        ('{ rule = "FB-.+" }', "surfaces.facebook.mapping: to cannot be made of the rule: invalid group reference 1"),
        (
            '{ rule = "(a)", to = "\\\\2" }',
            "surfaces.facebook.mapping: to cannot be made of the rule: invalid group ref",
        ),
        ('{ prefix = "" }', "surfaces.facebook.mapping.prefix: must not be empty"),
        (
            '{ fille = "map.csv" }',
            'surfaces.facebook.mapping.fille: unknown key; did you mean "surfaces.facebook.mapping.file"?',
        ),
    ],
)
def test_a_mapping(refused: Refused, mapping: str, line: str) -> None:
    assert any(found.startswith(f"FILE: {line}") for found in refused(LEAST + f"mapping = {mapping}")), refused(
        LEAST + f"mapping = {mapping}"
    )


def test_a_mapping_has_its_place(refused: Refused, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC", "public_1")
    site = '[surfaces.site]\nsystem = "ecwid-storefront"\nstore_id = 1\ntoken = "env:PUBLIC"\n'
    assert refused(LEAST + site + 'mapping = { column = "mpn" }') == [
        "FILE: surfaces.site.mapping.column: belongs to a feed; ecwid-storefront has no columns"
    ]
    assert refused(LEAST.replace("[surfaces", 'mapping = { prefix = "A" }\n[surfaces')) == [
        "FILE: master.mapping: has no effect on the master; it belongs to a surface"
    ]


def test_several_problems_are_counted_and_stand_a_line_each() -> None:
    assert str(SettingsError("one")) == "one"
    assert str(SettingsError("one", "two\x1b")) == "2 settings will not do:\n  one\n  two\\x1b"
