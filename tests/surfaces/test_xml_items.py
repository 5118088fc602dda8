"""Feeds in XML: items as shops write them, and what no document may ask of a reader."""

from __future__ import annotations

import pytest

from stockdrift.settings.sources import FeedSettings
from stockdrift.surfaces.faults import SurfaceFault
from stockdrift.surfaces.xml_items import parse_xml

from .feed_formats import GOOGLE, ITEMS, as_atom, as_rss, levels, parsed


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "http://127.0.0.1:1/rss.dtd">',
        '<!DOCTYPE rss [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]>',
        "<!DOCTYPE rss>",
    ],
)
def test_no_document_type_is_read(doctype: str) -> None:
    body = as_rss([{"id": "a", "inventory": "3"}]).replace(b"<rss", doctype.encode() + b"<rss", 1)
    with pytest.raises(SurfaceFault, match="XML with a document type"):
        parsed(body)


def test_a_document_that_takes_too_long_is_given_up() -> None:
    seconds = iter(range(0, 10_000, 100))
    with pytest.raises(SurfaceFault, match="the XML was not read within 2 min"):
        parse_xml(as_rss(ITEMS) + b" " * 3 * 2**20, FeedSettings(system="feed", url="http://a.example").columns,
                  counter=lambda: float(next(seconds)))  # fmt: skip


def test_an_atom_id_is_no_sku_where_there_is_one_of_the_product() -> None:
    assert levels(parsed(as_atom([{"id": "A", "inventory": "3"}]))) == [("A", "counted", 3)]
    plain = b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>A</id><stock>3</stock></entry></feed>'
    assert levels(parsed(plain, columns={"quantity": "stock"})) == [("A", "counted", 3)]
    assert levels(parsed(as_rss([{"id": "A", "n": "3"}]), columns={"sku": "g:id", "quantity": "g:n"}))[0][0] == "A"


@pytest.mark.parametrize(
    ("inner", "level"),
    [
        ("<g:id>a</g:id><g:inventory>3</g:inventory><g:inventory>3</g:inventory>", ("a", "counted", 3)),
        ("<g:id>a</g:id><g:inventory>3</g:inventory><g:inventory>4</g:inventory>", ("a", "unknown", 0)),
        ("<g:id>a</g:id><g:inventory>3<b>4</b></g:inventory>", ("a", "unknown", 0)),
        ("<g:id>a</g:id><g:x><g:inventory>4</g:inventory></g:x><g:inventory>3</g:inventory>", ("a", "counted", 3)),
        ("<g:id>a</g:id><g:inventory><![CDATA[3]]></g:inventory>", ("a", "counted", 3)),
        ("<g:id>a</g:id><g:inventory> 3\n</g:inventory><!-- 4 -->", ("a", "counted", 3)),
        ("<g:id>a</g:id><g:inventory/>", ("a", "unknown", 0)),
        ("<g:id>&lt;a&gt;</g:id><g:inventory>&#51;</g:inventory>", ("<a>", "counted", 3)),
    ],
)
def test_elements_of_an_item(inner: str, level: tuple[str, str, int]) -> None:
    plain = "<item><g:id>z</g:id><g:inventory>1</g:inventory></item>"
    body = f"<rss {GOOGLE}><channel>{plain}<item>{inner}</item></channel></rss>"
    assert levels(parsed(body.encode()))[1] == level


def test_an_item_that_names_two_skus_names_none() -> None:
    body = as_rss([{"id": "z", "inventory": "1"}]).replace(
        b"</channel>", b"<item><g:id>a</g:id><g:id>b</g:id><g:inventory>3</g:inventory></item></channel>"
    )
    document = parsed(body)
    assert levels(document) == [("z", "counted", 1)]
    assert document.table.bad_count == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_xml_in_other_encodings(encoding: str) -> None:
    text = as_rss([{"id": "BÉ", "inventory": "3"}]).decode()
    text = text.replace("UTF-8", {"utf-8-sig": "UTF-8", "utf-16": "UTF-16"}.get(encoding, encoding))
    assert levels(parsed(text.encode(encoding))) == [("BÉ", "counted", 3)]
