# mypy: disable-error-code="import-not-found"
"""What the shop serves: its own pages, its API, and its stock as a feed."""

from django.apps import apps
from django.urls import include, path
from stock_feed import stock_feed

urlpatterns = [
    path("feeds/stock.csv", stock_feed),
    path("api/", include("oscarapi.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include(apps.get_app_config("oscar").urls[0])),
]
