"""Items of an RSS or Atom feed to columns, as Google Merchant Center and Meta take them. Pure: no file, no network.

RSS 2.0 (rssboard.org/rss-specification), RSS 1.0 and Atom (RFC 4287) with the attributes of a product as elements of
the namespace ``http://base.google.com/ns/1.0``, by custom prefixed ``g:``. Other elements go by their own name.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final
from xml.parsers import expat

from stockdrift.settings.sources import FeedColumns
from stockdrift.stock.text import clean
from stockdrift.surfaces.document import Document, Items, missing_columns
from stockdrift.surfaces.faults import Fault, SurfaceFault, duration_words, size_words
from stockdrift.surfaces.header import lay_out_fields
from stockdrift.surfaces.stated_time import parse_time

LONGEST: Final = 120_000
"""Milliseconds that one pass over a document may take. What is linear needs far less; older expat is not, where a
single tag is as long as the document (CVE-2023-52425)."""

_CHUNK: Final = 2**20
_ATOM: Final = "http://www.w3.org/2005/Atom"
_PLAIN: Final = frozenset({"", _ATOM, "http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/"})
_GOOGLE: Final = "base.google.com/ns/"
_TIMES: Final = ("lastBuildDate", "updated", "pubDate", "dc:date")  # the first that is there counts
_DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
_CUT: Final = frozenset(
    expat.errors.codes[text]
    for text in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
)
_ENOUGH: Final = 1_000  # items whose fields tell what the fields of all are

Counter = Callable[[], float]


def parse_xml(data: bytes, columns: FeedColumns, *, max_depth: int = 64, counter: Counter = time.monotonic) -> Document:
    """An RSS or Atom feed. A column names an element of an item, with its prefix (``g:id``) or without; where both an
    attribute of the ``g:`` namespace and a plain element bear a name, the attribute is meant. What an item holds twice
    with different texts is neither.

    ``counter`` gives seconds. Raises SurfaceFault: empty, not XML, cut off, a document type (no DTD is read, so no
    entity can be one), too deep, too slow, neither RSS nor Atom, one page of several, a missing column.
    """
    if not data.strip():
        raise SurfaceFault("empty", Fault.EMPTY)
    look = _Looking(columns)
    _run(data, look, max_depth, counter)
    if not look.count:
        raise SurfaceFault("no items in it", Fault.EMPTY)
    aliases = _aliases(look.present)
    layout, names = lay_out_fields(list(aliases), columns)
    take = _Taking(Items(layout), [aliases[name] for name in names], layout.sku)
    _run(data, take, max_depth, counter)
    if take.leads_on:
        raise SurfaceFault("only one page of the feed: it has a link to the next", Fault.CUT)
    stated = next((take.times[name] for name in _TIMES if name in take.times), None)
    return Document(take.items.table(), take.form, parse_time(stated or ""), says_when=stated is not None)


def _aliases(present: Sequence[str]) -> dict[str, str]:
    """The element that each name means: ``id`` is ``g:id`` where there is one."""
    plain = {name.removeprefix("g:"): name for name in present if name.startswith("g:")}
    return {**{name: name for name in present}, **plain}


class _Enough(Exception):  # noqa: N818 - no error: a pass has seen what it wanted
    pass


class _Pass:
    """One way through a document: where it stands, and what its items are made of."""

    def __init__(self) -> None:
        self.form = ""
        self.times: dict[str, str] = {}
        self.leads_on = False
        self.count = 0  # items that have ended
        self.depth = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self._max_depth = 0
        self._item = 0  # depth of the open item, 0 where none is open
        self._channel = 0  # depth of what holds the items
        self._timed = ""
        self._text: list[str] = []
        self._names: dict[str, str] = {}

    def prepare(self, max_depth: int) -> None:
        """Sets the handlers."""
        parser = self.parser
        self._max_depth = max_depth
        parser.buffer_text = True
        parser.namespace_prefixes = True
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.EntityDeclHandler = _refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end

    def begin_item(self) -> None:
        """An item opens."""

    def begin_field(self, name: str) -> None:
        """A field of the item opens."""

    def begin_inner(self) -> None:
        """Something opens within a field."""

    def end_field(self) -> None:
        """The field closes."""

    def end_item(self) -> None:
        """The item closes."""

    def name_of(self, tag: str) -> str:
        """``g:id``, ``title``, ``prefix:name``."""
        name = self._names.get(tag)
        if name is None:
            *before, last = tag.split(" ")  # local, or namespace and local, or these and the prefix
            uri, local, prefix = (before[0], before[-1] if before[1:] else last, last) if before else ("", last, "")
            if _GOOGLE in uri:
                name = f"g:{local}"
            elif uri in _PLAIN:
                name = local
            elif uri == _DUBLIN_CORE:
                name = f"dc:{local}"
            else:
                name = f"{prefix}:{local}"
            if len(self._names) < 10_000:
                self._names[tag] = name
        return name

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth = depth = self.depth + 1
        if self._item:
            if depth == self._item + 1:
                self.begin_field(self.name_of(tag))
            else:
                if depth > self._max_depth:
                    raise SurfaceFault(f"nested deeper than {self._max_depth}", Fault.LARGE)
                self.begin_inner()
            return
        if depth > self._max_depth:
            raise SurfaceFault(f"nested deeper than {self._max_depth}", Fault.LARGE)
        name = self.name_of(tag)
        if depth == 1:
            self._root(name)
        elif depth == self._channel + 1 and name == ("entry" if self.form == "atom" else "item"):
            self._item = depth
            self.begin_item()
        elif name in _TIMES and depth == (2 if self.form == "atom" else 3):
            self._timed, self._text = name, []
            self.parser.CharacterDataHandler = self._text.append
        elif name == "link" and attributes.get("rel") == "next":
            self.leads_on = True

    def _root(self, name: str) -> None:
        if name == "rss":
            self.form, self._channel = "rss", 2
        elif name.rpartition(":")[2] == "RDF":
            self.form, self._channel = "rss", 1
        elif name == "feed":
            self.form, self._channel = "atom", 1
        else:
            raise SurfaceFault(f"XML that is neither RSS nor Atom: it begins with <{clean(name)[:40]}>", Fault.SHAPE)

    def _end(self, tag: str) -> None:
        depth, self.depth = self.depth, self.depth - 1
        if self._item:
            if depth == self._item + 1:
                self.end_field()
            elif depth == self._item:
                self._item = 0
                self.count += 1
                self.end_item()
        elif self._timed:
            self.times.setdefault(self._timed, "".join(self._text))
            self._timed, self._text = "", []
            self.parser.CharacterDataHandler = None


class _Looking(_Pass):
    """Finds what the fields of the items are called: in the first thousand items, and beyond where a column is not
    among them.
    """

    def __init__(self, columns: FeedColumns) -> None:
        super().__init__()
        self._columns = columns
        self._found: dict[str, None] = {}

    @property
    def present(self) -> Sequence[str]:
        """All names that were met."""
        return list(self._found)

    def begin_field(self, name: str) -> None:
        """Notes the name."""
        self._found[name] = None

    def end_item(self) -> None:
        """Ends the pass where it has seen enough."""
        if self.count % _ENOUGH == 0 and not missing_columns(self._columns, _aliases(self.present)):
            raise _Enough


class _Taking(_Pass):
    """Takes the texts of the fields that are wanted."""

    def __init__(self, items: Items, wanted: Sequence[str], sku: int) -> None:
        super().__init__()
        self.items = items
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(wanted):
            self._places.setdefault(name, []).append(place)
        self._blank: list[str | None] = [None] * len(wanted)
        self._sku = sku
        self._cells: list[str | None] = []
        self._open: list[int] | None = None
        self._inner = False

    def begin_item(self) -> None:
        """A new row."""
        self._cells = self._blank.copy()

    def begin_field(self, name: str) -> None:
        """Listens where the field is wanted."""
        self._open = self._places.get(name)
        if self._open is not None:
            self._text, self._inner = [], False
            self.parser.CharacterDataHandler = self._text.append

    def begin_inner(self) -> None:
        """A field with elements within has no text of its own."""
        self._inner = True

    def end_field(self) -> None:
        """Puts the text into its cell."""
        if self._open is None:
            return
        self.parser.CharacterDataHandler = None
        text = "".join(self._text)
        for place in self._open:
            before = self._cells[place]
            if self._inner:
                self._cells[place] = "" if place == self._sku else "(elements)"
            elif before is None:
                self._cells[place] = text
            elif before.strip() != text.strip():
                self._cells[place] = "" if place == self._sku else f"{before} | {text}"
        self._open = None

    def end_item(self) -> None:
        """Hands the row on."""
        cells = [cell or "" for cell in self._cells]
        self.items.add(self.count, cells, lambda: " ".join(filter(None, map(str.strip, cells))) or "(no id)")


def _refuse_doctype(*_: object) -> None:
    raise SurfaceFault("XML with a document type (DTD), which is not read", Fault.SHAPE)


def _run(data: bytes, way: _Pass, max_depth: int, counter: Counter) -> None:
    """One pass, in chunks between which the clock is looked at."""
    way.prepare(max_depth)
    until = counter() + LONGEST / 1_000
    parser = way.parser
    try:
        for start in range(0, len(data), _CHUNK):
            parser.Parse(data[start : start + _CHUNK], False)
            if counter() > until:
                raise SurfaceFault(f"the XML was not read within {duration_words(LONGEST)}", Fault.LATE)
        parser.Parse(b"", True)
    except _Enough:
        return
    except expat.ExpatError as error:
        if error.code in _CUT:
            raise SurfaceFault(f"the XML is cut off after {size_words(len(data))}", Fault.CUT) from None
        words = expat.ErrorString(error.code)
        raise SurfaceFault(f"not XML: {words} in line {error.lineno:,}", Fault.SHAPE) from None
    except (ValueError, LookupError):  # an encoding that it announces and nobody knows
        raise SurfaceFault("XML in an encoding that is not known", Fault.SHAPE) from None
    finally:
        parser.StartElementHandler = parser.EndElementHandler = parser.CharacterDataHandler = None
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = None
