// One Medusa store on loopback: the products of a file, a server until it or its input is ended.
//
// `node serve.js HOME STOCK.json [PORT]` prints one line of JSON when it is ready to sell: port (a free one, unless
// given), versions, and what else one must know to sell. HOME holds the packages and medusa-config.js; SHOP_DATABASE is
// the address of a migrated database with a user in it. STOCK.json: see goods.py. A store that has products already is
// opened as it was left.

"use strict";

const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");

const EMAIL = "staff@shop.example";
const PASSWORD = "loopback-only";

// Standard output is for the line that says ready; Medusa's log goes where errors go.
const sayReady = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

async function freePort() {
  const server = net.createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

class Admin {
  constructor(port) {
    this.base = `http://127.0.0.1:${port}`;
    this.token = "";
  }

  async ask(method, where, body) {
    const headers = { "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const answer = await fetch(`${this.base}/${where}`, { method, headers, body: body && JSON.stringify(body) });
    const said = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${said.slice(0, 500)}`);
    return JSON.parse(said);
  }

  get(where) {
    return this.ask("GET", where);
  }

  post(where, body) {
    return this.ask("POST", where, body);
  }

  async logIn() {
    this.token = (await this.post("auth/user/emailpass", { email: EMAIL, password: PASSWORD })).token;
  }

  async one(where, key, name) {
    const all = (await this.get(where))[key];
    return name === undefined ? all[0] : all.find((entry) => entry.name === name);
  }
}

async function healthy(port) {
  for (;;) {
    try {
      if ((await fetch(`http://127.0.0.1:${port}/health`)).ok) return;
    } catch {
      // not listening yet
    }
    await new Promise((passed) => setTimeout(passed, 50));
  }
}

// Each place in STOCK.json is a stock location. The sales channel sells from all of them but those named "… (back)".
async function locate(admin, goods, channel) {
  const ids = {};
  for (const name of new Set(goods.flatMap((item) => Object.keys(item.stock)))) {
    const { stock_location } = await admin.post("admin/stock-locations", { name });
    ids[name] = stock_location.id;
    if (!name.endsWith("(back)")) {
      await admin.post(`admin/stock-locations/${stock_location.id}/sales-channels`, { add: [channel] });
    }
  }
  return ids;
}

// A region that pays and a way to send from the first location: what an order needs.
async function prepare(admin, location) {
  const store = await admin.one("admin/stores", "stores");
  const currencies = [{ currency_code: "gbp", is_default: true }];
  await admin.post(`admin/stores/${store.id}`, { supported_currencies: currencies });
  await admin.post("admin/regions", {
    name: "UK",
    currency_code: "gbp",
    countries: ["gb"],
    payment_providers: ["pp_system_default"],
  });
  const profile = await admin.one("admin/shipping-profiles", "shipping_profiles");
  await admin.post(`admin/stock-locations/${location}/fulfillment-providers`, { add: ["manual_manual"] });
  await admin.post(`admin/stock-locations/${location}/fulfillment-sets`, { name: "Post", type: "shipping" });
  const { stock_location } = await admin.get(`admin/stock-locations/${location}?fields=*fulfillment_sets`);
  const { fulfillment_set } = await admin.post(
    `admin/fulfillment-sets/${stock_location.fulfillment_sets[0].id}/service-zones`,
    { name: "UK", geo_zones: [{ type: "country", country_code: "gb" }] },
  );
  await admin.post("admin/shipping-options", {
    name: "Post",
    service_zone_id: fulfillment_set.service_zones[0].id,
    shipping_profile_id: profile.id,
    provider_id: "manual_manual",
    price_type: "flat",
    type: { label: "Post", description: "By post", code: "post" },
    prices: [{ currency_code: "gbp", amount: 5 }],
  });
  return profile.id;
}

async function stock(admin, goods) {
  const channel = (await admin.one("admin/sales-channels", "sales_channels")).id;
  const locations = await locate(admin, goods, channel);
  const profile = await prepare(admin, Object.values(locations)[0]);
  const create = goods.map((item) => ({
    title: item.title,
    status: item.enabled ? "published" : "draft",
    shipping_profile_id: profile,
    sales_channels: [{ id: channel }],
    options: [{ title: "Size", values: ["One"] }],
    variants: [
      {
        title: "Default variant",
        sku: item.sku,
        options: { Size: "One" },
        manage_inventory: item.tracked,
        allow_backorder: Boolean(item.backorder),
        prices: [{ currency_code: "gbp", amount: Number(item.price) }],
      },
    ],
  }));
  await admin.post("admin/products/batch", { create });
  const { inventory_items } = await admin.get(`admin/inventory-items?limit=${goods.length + 1}&fields=id,sku`);
  const items = Object.fromEntries(inventory_items.map((item) => [item.sku, item.id]));
  const levels = goods
    .filter((item) => item.tracked)
    .flatMap((item) =>
      Object.entries(item.stock).map(([name, quantity]) => ({
        inventory_item_id: items[item.sku],
        location_id: locations[name],
        stocked_quantity: quantity,
      })),
    );
  await admin.post("admin/inventory-items/location-levels/batch", { create: levels });
}

async function main(home, goods, wanted) {
  process.chdir(home);
  const inside = (name) => require(path.join(home, "node_modules", name));
  const port = wanted || (await freePort());
  inside("@medusajs/medusa/dist/commands/start.js").default({ directory: home, host: "127.0.0.1", port, types: false });
  await healthy(port);
  const admin = new Admin(port);
  await admin.logIn();
  if (!(await admin.get("admin/products?limit=1&fields=id")).count) {
    await stock(admin, JSON.parse(fs.readFileSync(goods, "utf-8")));
  }
  const key = (await admin.get("admin/api-keys?type=publishable")).api_keys[0].token;
  const versions = { medusa: inside("@medusajs/medusa/package.json").version, node: process.version };
  sayReady(`${JSON.stringify({ port, versions, key })}\n`);
  // Whoever started it is gone when its input ends, however that came about.
  process.stdin.on("end", () => process.exit(0)).resume();
}

main(process.argv[2], process.argv[3], Number(process.argv[4] || 0)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
