"""The same items written in every format of a feed."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from stockdrift.settings.sources import FeedSettings
from stockdrift.stock.levels import LevelState
from stockdrift.surfaces.collected import Table
from stockdrift.surfaces.document import Document
from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.formats import parse_feed

Item = Mapping[str, str]

GOOGLE: Final = 'xmlns:g="http://base.google.com/ns/1.0"'


def as_csv(items: Sequence[Item], delimiter: str = ",") -> bytes:
    names = list(dict.fromkeys(name for item in items for name in item))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(items)
    return text.getvalue().encode()


def as_tsv(items: Sequence[Item]) -> bytes:
    return as_csv(items, "\t")


def as_json(items: Sequence[Item], **beside: object) -> bytes:
    return json.dumps({**beside, "items": items}).encode()


def as_json_list(items: Sequence[Item]) -> bytes:
    return json.dumps(list(items), indent=1, ensure_ascii=False).encode()


def as_jsonl(items: Sequence[Item]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def as_rss(items: Sequence[Item], channel: str = "") -> bytes:
    rows = "\n".join(f"<item>{_elements(item)}</item>" for item in items)
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" {GOOGLE}><channel><title>Shop</title>{channel}'
    return f"{head}\n{rows}\n</channel></rss>\n".encode()


def as_rdf(items: Sequence[Item]) -> bytes:
    rows = "".join(f"<item>{_elements(item)}</item>" for item in items)
    rdf = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
    return f"<rdf:RDF {rdf} {GOOGLE}><channel><title>Shop</title></channel>{rows}</rdf:RDF>".encode()


def as_atom(items: Sequence[Item], feed: str = "") -> bytes:
    rows = "".join(f"<entry><id>tag:{place}</id>{_elements(item)}</entry>" for place, item in enumerate(items))
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {GOOGLE}><id>tag:shop</id>{feed}{rows}</feed>'.encode()


def _elements(item: Item) -> str:
    return "".join(f"<g:{name}>{escape(text)}</g:{name}>" for name, text in item.items())


FORMATS: Final[Mapping[str, Callable[[Sequence[Item]], bytes]]] = {
    "csv": as_csv,
    "tsv": as_tsv,
    "json": as_json,
    "json-list": as_json_list,
    "jsonl": as_jsonl,
    "rss": as_rss,
    "rdf": as_rdf,
    "atom": as_atom,
}


NAMED: dict[str, Any] = {"columns": {"name": "title", "price": "price", "availability": "availability"}}


ITEMS: Final[Sequence[Item]] = [
    {"id": f"SKU-{n:03}", "inventory": str(n), "title": f"Candle {n}", "availability": "in stock" if n else ""}
    for n in range(40)
]


def parsed(body: bytes, *, name: str = "", media_type: str = "", **keys: Any) -> Document:
    source = FeedSettings.model_validate({"system": "feed", "path": "feed", **keys})
    return parse_feed(body, source, name=name, media_type=media_type)


def parsed_or_fault(body: bytes, **keys: Any) -> Table | SurfaceFault:
    try:
        return parsed(body, **keys).table
    except SurfaceFault as fault:
        return fault


def levels(document: Document) -> list[tuple[str, str, int]]:
    table = document.table
    words = (LevelState(state).word for state in table.states.tolist())
    return list(zip(table.skus, words, table.quantities.tolist(), strict=True))
