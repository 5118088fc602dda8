"""Connectors to the doubles of shops and to the simulated Meta catalogue, on a sandbox."""

from __future__ import annotations

from typing import Any

from pydantic import SecretStr

from stockdrift.sandbox.meta_wire import PATH as GRAPH
from stockdrift.sandbox.plan import MASTER
from stockdrift.sandbox.server import Sandbox
from stockdrift.settings.systems import (
    MedusaSettings,
    MedusaStorefrontSettings,
    MetaSettings,
    VendureSettings,
    VendureStorefrontSettings,
)
from stockdrift.surfaces.http import Http
from stockdrift.surfaces.medusa import MedusaConnector
from stockdrift.surfaces.medusa_storefront import MedusaStorefrontConnector
from stockdrift.surfaces.meta import MetaConnector
from stockdrift.surfaces.vendure import VendureConnector
from stockdrift.surfaces.vendure_storefront import VendureStorefrontConnector
from tests.doubles import medusa, vendure
from tests.doubles.medusa import MedusaDouble
from tests.doubles.vendure import VendureDouble


def vendure_double(sandbox: Sandbox, source: str = MASTER) -> VendureDouble:
    """A Vendure shop on the sandbox: one for each source, however often it is asked for."""
    mounts = sandbox.router.mounts
    double = getattr(mounts.get(f"/vendure/{source}/"), "__self__", None) or VendureDouble(sandbox.store, source)
    mounts[f"/vendure/{source}/"] = double.answer
    return double


def medusa_double(sandbox: Sandbox, source: str = MASTER) -> MedusaDouble:
    """A Medusa store on the sandbox: one for each source, however often it is asked for."""
    mounts = sandbox.router.mounts
    double = getattr(mounts.get(f"/{source}/medusa/"), "__self__", None) or MedusaDouble(sandbox.store, source)
    mounts[f"/{source}/medusa/"] = double.answer
    return double


def vendure_of(sandbox: Sandbox, http: Http, source: str = MASTER, **settings: Any) -> VendureConnector:
    """By a log-in, unless ``settings`` say otherwise."""
    vendure_double(sandbox, source)
    who = {"username": vendure.USERNAME, "password": SecretStr(vendure.PASSWORD)}
    given = {"system": "vendure", "url": f"{sandbox.base_url}/vendure/{source}/admin-api"}
    made = VendureSettings.model_validate({**given, **({} if "token" in settings else who), **settings})
    return VendureConnector(source, made, http)


def vendure_storefront_of(
    sandbox: Sandbox, http: Http, source: str = "embed", **settings: Any
) -> VendureStorefrontConnector:
    """What a shopper sees."""
    vendure_double(sandbox, source)
    given = {"system": "vendure-storefront", "url": f"{sandbox.base_url}/vendure/{source}/shop-api"}
    return VendureStorefrontConnector(source, VendureStorefrontSettings.model_validate({**given, **settings}), http)


def medusa_of(sandbox: Sandbox, http: Http, source: str = MASTER, **settings: Any) -> MedusaConnector:
    """By a log-in, unless ``settings`` say otherwise."""
    medusa_double(sandbox, source)
    who = {"email": medusa.EMAIL, "password": SecretStr(medusa.PASSWORD)}
    given = {"system": "medusa", "url": f"{sandbox.base_url}/{source}/medusa"}
    made = MedusaSettings.model_validate({**given, **({} if "token" in settings else who), **settings})
    return MedusaConnector(source, made, http)


def medusa_storefront_of(
    sandbox: Sandbox, http: Http, source: str = "embed", *, key: str = medusa.PUBLISHABLE_KEY
) -> MedusaStorefrontConnector:
    """What a shopper sees."""
    medusa_double(sandbox, source)
    given = {"system": "medusa-storefront", "url": f"{sandbox.base_url}/{source}/medusa", "token": SecretStr(key)}
    return MedusaStorefrontConnector(source, MedusaStorefrontSettings.model_validate(given), http)


def meta_of(sandbox: Sandbox, http: Http, name: str = "facebook", **settings: Any) -> MetaConnector:
    """The catalogue that ``name`` sells from."""
    given = {
        "system": "meta",
        "api": f"{sandbox.base_url}{GRAPH}",
        "catalog_id": sandbox.store.shown[name].plan.catalog_id,
        "token": SecretStr(sandbox.router.tokens[name]),
    }
    return MetaConnector(name, MetaSettings.model_validate({**given, **settings}), http)
