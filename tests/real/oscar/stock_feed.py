# mypy: disable-error-code="import-not-found"
"""The shop's stock as a feed, the way shops hand it to marketplaces: a CSV at an address, made when it is asked for."""

import csv

from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from oscar.core.loading import get_model


def stock_feed(request: HttpRequest) -> HttpResponse:
    """``id,title,inventory,price``: one row a stock record; available is what is in stock and not allocated."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    rows = csv.writer(response)
    rows.writerow(["id", "title", "inventory", "price"])
    records = get_model("partner", "StockRecord").objects.annotate(
        # Null until the first order.
        available=Coalesce(F("num_in_stock"), 0) - Coalesce(F("num_allocated"), 0)
    )
    rows.writerows(records.order_by("partner_sku").values_list("partner_sku", "product__title", "available", "price"))
    return response
