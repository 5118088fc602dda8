"""Searching the products of an Ecwid store, page after page, each with proof that nothing is missing."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import SecretStr

from stockdrift.stock.reading import Traffic
from stockdrift.surfaces.answers import decode_json
from stockdrift.surfaces.ecwid_wire import FIELDS, PAGE, PER_MINUTE, Product, Search
from stockdrift.surfaces.faults import Fault, SurfaceFault
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.pages import Moved, Page, Pages


class EcwidPages:
    """Searches the products of one store with one token, within the token's allowance."""

    def __init__(self, http: Http, api: str, store_id: int, token: SecretStr) -> None:
        base = f"{api.rstrip('/')}/{store_id}"
        self._http = http
        self._endpoint = http.endpoint(base, token, http.budget(base, token, PER_MINUTE))

    async def all(self) -> Sequence[Product]:
        """Every product, in the order in which they were added.

        That order moves only where a product is added or deleted, which shows in the total or where pages meet; then
        all is read once more. Raises SurfaceFault: what the wire brings, and pages missing, repeated or miscounted.
        """
        return await self._pages().all()

    async def changed(self, since: int) -> Sequence[Product] | None:
        """The products updated at or after ``since`` (Unix seconds), or None where they changed faster than they could
        be read. Raises SurfaceFault.
        """
        try:
            return await self._pages(since).once()
        except Moved:
            return None

    def take_traffic(self) -> Traffic:
        """What has gone over the wire since this was last asked."""
        return self._endpoint.take_traffic()

    def _pages(self, updated_from: int | None = None) -> Pages[Product]:
        wanted: dict[str, str | int] = {"limit": PAGE, "sortBy": "ADDED_TIME_ASC", "responseFields": FIELDS}
        if updated_from is not None:
            wanted["updatedFrom"] = updated_from

        async def fetch(offset: int) -> Page[Product]:
            answer = await self._endpoint.get("products", {**wanted, "offset": offset}, {"Accept": "application/json"})
            found = decode_json(answer, Search, max_depth=self._http.max_depth)
            if found.count != len(found.items):
                raise SurfaceFault(f"{len(found.items):,} products where the page counts {found.count:,}", Fault.CUT)
            return Page(found.offset, found.total, found.items)

        return Pages("products", PAGE, lambda product: product.id, fetch)
