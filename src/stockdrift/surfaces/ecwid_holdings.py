"""Which product holds which SKUs, as the last sweep and the changes since then have told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stockdrift.surfaces.ecwid_wire import Product


class Holdings:
    """Remembers what a delta alone cannot tell: that a SKU stands in two products, that one has left its product, and
    which product carries the newest update.
    """

    def __init__(self) -> None:
        self.newest = 0
        """The newest ``updateTimestamp`` seen, Unix seconds on the vendor's clock."""
        self._newest_product = 0
        self._skus: dict[int, Sequence[str]] = {}
        self._holder: dict[str, int] = {}
        self._shared: set[str] = set()

    def hold(self, product: Product, skus: Sequence[str]) -> None:
        """Notes that ``product`` holds ``skus``, instead of what it held before."""
        if product.update_timestamp >= self.newest:
            self.newest, self._newest_product = product.update_timestamp, product.id
        self._skus[product.id] = skus
        for sku in skus:
            if self._holder.setdefault(sku, product.id) != product.id:
                self._shared.add(sku)

    def anchored(self, products: Iterable[Product]) -> bool:
        """Whether the product of the newest update is among ``products``, as it is among all changes since then."""
        return any(product.id == self._newest_product for product in products)

    def fits(self, product: Product, skus: Sequence[str]) -> bool:
        """Whether ``product`` holds what it held, or is new and takes no SKU from another."""
        before = self._skus.get(product.id)
        if before is not None and sorted(before) != sorted(skus):
            return False
        return all(sku in self._shared or self._holder.get(sku, product.id) == product.id for sku in skus)

    def shared(self, skus: Iterable[str]) -> Iterable[str]:
        """Those of ``skus`` that stand in more than one product."""
        return [sku for sku in skus if sku in self._shared]
