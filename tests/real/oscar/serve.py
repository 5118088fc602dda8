# Django lives in the shop's own virtual environment, where the type checker does not look.
# mypy: disable-error-code="import-not-found"
"""One shop on loopback: its database, the products of a file, a server until it or its input is ended.

``python serve.py DATABASE STOCK.json [PORT]`` prints one line of JSON when it is ready to sell: port (a free one,
unless given), versions, ids by SKU. STOCK.json: ``[{"sku": …, "title": …, "quantity": …, "price": …}, …]``. A database
that is there already is opened as it was left.
"""

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

STAFF = "staff@shop.example"
SHOPPER = "shopper@shop.example"
PASSWORD = "loopback only"


def prepare() -> None:
    """Tables, the staff that writes stock, a shopper who has an account, a country that is shipped to."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from oscar.core.loading import get_model

    call_command("migrate", verbosity=0)
    users = get_user_model().objects
    users.create_superuser("staff", STAFF, PASSWORD)
    users.create_user("shopper", SHOPPER, PASSWORD)
    get_model("address", "Country").objects.create(
        iso_3166_1_a2="GB", printable_name="United Kingdom", name="UNITED KINGDOM", is_shipping_country=True
    )


def stock(goods: list[dict[str, Any]]) -> None:
    """Puts ``goods`` on the shelf."""
    from django.db import transaction
    from oscar.core.loading import get_model

    kind = get_model("catalogue", "ProductClass").objects.create(
        name="Candle", slug="candle", requires_shipping=True, track_stock=True
    )
    partner = get_model("partner", "Partner").objects.create(name="Warehouse", code="warehouse")
    products, records = get_model("catalogue", "Product").objects, get_model("partner", "StockRecord").objects
    with transaction.atomic():
        for item in goods:
            product = products.create(product_class=kind, title=item["title"], structure="standalone")
            records.create(
                product=product,
                partner=partner,
                partner_sku=item["sku"],
                price=item["price"],
                num_in_stock=item["quantity"],
            )


def ids() -> dict[str, dict[str, int]]:
    """By SKU what the API knows its product and its stock record by."""
    from oscar.core.loading import get_model

    rows = get_model("partner", "StockRecord").objects.values_list("partner_sku", "product_id", "pk")
    return {sku: {"product": product, "stockrecord": record} for sku, product, record in rows}


def end_with_the_input() -> None:
    """Ends the process when its standard input ends: whoever started it is gone, however that came about."""
    sys.stdin.read()
    os._exit(0)


def main(database: Path, goods: Path, port: int) -> None:
    """Serves until the process is ended."""
    is_new = not database.exists()
    os.environ["SHOP_DATABASE"] = str(database)
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings"
    import django

    django.setup()
    import oscar
    import oscarapi
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    if is_new:
        prepare()
        stock(json.loads(goods.read_text(encoding="utf-8")))
    server = ThreadedWSGIServer(("127.0.0.1", port), WSGIRequestHandler)
    server.set_app(get_wsgi_application())
    versions = {"django-oscar": oscar.get_version(), "django-oscar-api": oscarapi.version, "Django": django.__version__}
    ready = {"port": server.server_port, "versions": versions, "ids": ids()}
    print(json.dumps(ready), flush=True)
    threading.Thread(target=end_with_the_input, daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0)
