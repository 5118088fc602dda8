"""What the simulated candle maker sells: SKUs, names, prices and how they stand in the shop, all by seed."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final

from msgspec import Struct, field

_SCENTS: Final = """
    SEA Sea Salt|AMB Amber Noir|FIG Fig & Vetiver|CLV Clove & Orange|MYR Myrrh & Smoke|TEA White Tea|CDR Cedarwood|
    PEP Peppermint|ROS Rose & Oud|LAV Lavender|SND Sandalwood|TOM Tomato Leaf|MNT Wild Mint|WPN Winter Pine|
    SNO First Snow|EUC Eucalyptus|MEL Melissa|NOE Noël|BRG Bergamot|VAN Vanilla Bean|COC Coconut Husk|GRP Grapefruit|
    HNY Honeycomb|IRS Iris|JAS Jasmine|JUN Juniper|LEM Lemon Verbena|LIL Lilac|LIM Lime Blossom|MAG Magnolia|
    MOS Oakmoss|NRL Neroli|NUT Nutmeg|OLV Olive Grove|ORC Orchid|PAT Patchouli|PER Pear & Ginger|PEO Peony|PLM Plum|
    POM Pomegranate|QUI Quince|RHU Rhubarb|RSM Rosemary|SAF Saffron|SAG Sage|SMK Bonfire|STR Strawberry|THY Thyme|
    TOB Tobacco Leaf|TON Tonka|TUB Tuberose|VIO Violet|VET Vetiver|YLA Ylang-Ylang|YUZ Yuzu|APR Apricot|BAS Basil|
    CAM Camomile|CAR Cardamom|CHR Cherry|CIN Cinnamon|ELD Elderflower
"""
_FORMATS: Final = """
    220 220ml 24|090 90ml 12|RFL refill 9|MLT wax melts 7|300 three-wick 39|DIF diffuser 28|SPR room spray 14|
    TPR tapers 11|PIL pillar 16|TIN travel tin 10|VOT votive 6|SAC sachet 5|SOP soap 7|BTH bath salts 13|
    GLS in glass 21|JAR in a jar 18|CER in ceramic 34|BOX gift box 45|MIN miniature 4|TRI set of three 29|
    SIX set of six 52|OIL oil 15|MAT matches 3|SNF snuffer 17
"""
KINDS: Final = ("large", "small", "gift-boxed", "unscented")
"""What a shopper chooses where a product has variations, in their order."""

_UNTRACKED: Final = (
    ("GFT", "Gift card", 25.0),
    ("WKS", "Candle workshop", 65.0),
    ("ENG", "Engraving", 8.0),
    ("WRP", "Gift wrapping", 4.0),
    ("CLB", "Candle club", 19.0),
    ("SMP", "Scent sample", 1.0),
)


class Item(Struct):
    """One SKU. ``on_hand`` is what the master opens with; None where it sells without counting."""

    sku: str
    name: str
    price: float
    on_hand: int | None


class Product(Struct):
    """A product of the shop. ``base`` and ``variations`` are places in the list of items.

    A variation is a place of its own or None: then it has no SKU and draws on the base product's stock. ``covered``
    says that the variations stand for every choice of options, so that the base itself cannot be ordered.
    ``base`` is None where the product has no SKU at all.
    """

    base: int | None
    name: str
    variations: Sequence[int | None] = ()
    enabled: bool = True
    behaviour: str = "SHOW"  # outOfStockVisibilityBehaviour: SHOW, HIDE or ALLOW_PREORDER
    covered: bool = False


class Catalogue(Struct):
    """Items and the products that hold them."""

    items: list[Item] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)

    def add(self, item: Item, *, enabled: bool = True, behaviour: str = "SHOW") -> int:
        """Adds ``item`` as a product without variations; returns its place."""
        place = self.add_item(item)
        self.products.append(Product(place, item.name, enabled=enabled, behaviour=behaviour))
        return place

    def add_item(self, item: Item) -> int:
        """Adds ``item`` without a product, for a variation; returns its place."""
        self.items.append(item)
        return len(self.items) - 1


def make_catalogue(seed: int, tracked: int, untracked: int, featured: Sequence[tuple[str, str, float]]) -> Catalogue:
    """``tracked`` counted SKUs, the featured ones first, then ``untracked`` ones that sell without counting.

    About one product in twelve has two variations with SKUs of their own and a third that draws on the base.
    """
    rng = Random(f"{seed}/catalogue")
    catalogue = Catalogue()
    wanted = [*featured, *_crossed(tracked, {sku for sku, _, _ in featured}, rng)][:tracked]
    place = 0
    while place < len(wanted):
        items = [Item(sku, name, price, rng.randint(4, 60)) for sku, name, price in wanted[place : place + 3]]
        if place >= len(featured) and len(items) == 3 and rng.random() < 1 / 12:
            first = items[0]
            base = catalogue.add_item(first)
            own = [
                catalogue.add_item(
                    Item(f"{first.sku}-{kind[0].upper()}", f"{first.name}, {kind}", first.price, item.on_hand)
                )
                for kind, item in zip(KINDS, items[1:], strict=False)
            ]
            catalogue.products.append(Product(base, first.name, variations=[*own, None]))
            place += 3
        else:
            catalogue.add(items[0], behaviour="HIDE" if rng.random() < 0.02 else "SHOW")
            place += 1
    for number in range(untracked):
        code, name, price = _UNTRACKED[number % len(_UNTRACKED)]
        catalogue.add(Item(f"{code}-{number + 1:03}", f"{name} {number + 1}", price, None))
    return catalogue


def golden_catalogue() -> Catalogue:
    """The candle maker of the golden case: four counted SKUs and a gift card that sells without counting."""
    catalogue = Catalogue()
    for sku, name, price, on_hand in (
        ("SEA-220", "Sea Salt 220ml", 24.0, 3),
        ("AMB-220", "Amber Noir 220ml", 24.0, 7),
        ("FIG-220", "Fig & Vetiver 220ml", 24.0, 0),
        ("WMT-RFL", "Wild Mint refill", 9.0, 15),
        ("GFT-025", "Gift card", 25.0, None),
    ):
        catalogue.add(Item(sku, name, price, on_hand))
    return catalogue


def assorted_catalogue() -> Catalogue:
    """One of every kind that a shop can hold: variations, inherited ones, unlimited, disabled, negative, pre-order,
    hidden when out of stock, without a SKU.
    """
    catalogue = Catalogue()
    for number in range(6):
        catalogue.add(Item(f"PLN-{number:03}", f"Plain candle {number}", 10.0 + number, 5 + 3 * number))
    catalogue.add(Item("UNL-001", "Made to order", 30.0, None))
    catalogue.add(Item("DIS-001", "Last year's candle", 12.0, 4), enabled=False)
    catalogue.add(Item("NEG-001", "Oversold candle", 14.0, -2))
    catalogue.add(Item("PRE-001", "Coming candle", 22.0, 0), behaviour="ALLOW_PREORDER")
    catalogue.add(Item("HID-001", "Shy candle", 18.0, 0), behaviour="HIDE")
    base = catalogue.add_item(Item("TPR-BAS", "Tapers", 11.0, 9))
    red = catalogue.add_item(Item("TPR-RED", "Tapers, red", 11.5, 4))
    blue = catalogue.add_item(Item("TPR-BLU", "Tapers, blue", 11.5, None))
    catalogue.products.append(Product(base, "Tapers", variations=[red, blue, None]))
    base = catalogue.add_item(Item("PIL-BAS", "Pillar", 16.0, 0))
    small = catalogue.add_item(Item("PIL-SML", "Pillar, small", 14.0, 6))
    large = catalogue.add_item(Item("PIL-LRG", "Pillar, large", 18.0, 2))
    catalogue.products.append(Product(base, "Pillar", variations=[small, large], covered=True))
    base = catalogue.add_item(Item("VOT-BAS", "Votive", 6.0, 8))
    catalogue.products.append(Product(base, "Votive", variations=[None, None], covered=True))
    catalogue.products.append(Product(None, "Candle without a SKU"))
    return catalogue


def _crossed(count: int, taken: set[str], rng: Random) -> list[tuple[str, str, float]]:
    """Scents × formats in an order by seed; beyond their number, numbered editions."""
    scents = [entry.split(" ", 1) for entry in _entries(_SCENTS)]
    formats = [entry.split(" ", 1) for entry in _entries(_FORMATS)]
    pairs = [(scent, form) for scent in scents for form in formats]
    rng.shuffle(pairs)
    crossed: list[tuple[str, str, float]] = []
    edition = 1
    while len(crossed) < count:
        for (code, scent), (form, words) in pairs:
            what, _, price = words.rpartition(" ")
            sku = f"{code}-{form}" if edition == 1 else f"{code}-{form}-{edition:02}"
            name = f"{scent} {what}" if edition == 1 else f"{scent} {what} no. {edition}"
            if sku not in taken:
                crossed.append((sku, name, float(price)))
        edition += 1
    return crossed[:count]


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split("|")]
