// One Vendure shop on loopback: its SQLite file, the products of a file, a server until it or its input is ended.
//
// `node serve.js DATABASE STOCK.json [PORT]` prints one line of JSON when it is ready to sell: port (a free one, unless
// given), versions. STOCK.json: see shops.py. A database that is there already is opened as it was left. The packages
// are found by NODE_PATH.

"use strict";

const fs = require("node:fs");
const net = require("node:net");
const { VENDURE_VERSION, bootstrap, dummyPaymentHandler } = require("@vendure/core");

const USER = "staff";
const PASSWORD = "loopback-only";

// Standard output is for the line that says ready.
const say = (message, context, trace) => process.stderr.write(`${context}: ${message}\n${trace ? `${trace}\n` : ""}`);
const quiet = () => {};

async function freePort() {
  const server = net.createServer();
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

function configured(database, port) {
  return {
    apiOptions: { hostname: "127.0.0.1", port },
    authOptions: {
      tokenMethod: ["bearer", "api-key"],
      sessionDuration: process.env.SHOP_SESSION || "1y",
      superadminCredentials: { identifier: USER, password: PASSWORD },
    },
    dbConnectionOptions: { type: "better-sqlite3", database, synchronize: true, logging: false },
    paymentOptions: { paymentMethodHandlers: [dummyPaymentHandler] },
    logger: { error: say, warn: say, info: quiet, verbose: quiet, debug: quiet },
  };
}

class Admin {
  constructor(port) {
    this.address = `http://127.0.0.1:${port}/admin-api`;
    this.token = "";
  }

  async ask(query, variables) {
    const headers = { "content-type": "application/json" };
    if (this.token) headers.authorization = `Bearer ${this.token}`;
    const answer = await fetch(this.address, { method: "POST", headers, body: JSON.stringify({ query, variables }) });
    this.token = answer.headers.get("vendure-auth-token") || this.token;
    const said = await answer.json();
    if (said.errors) throw new Error(JSON.stringify(said.errors));
    return said.data;
  }

  async logIn() {
    await this.ask("mutation($u: String!, $p: String!) { login(username: $u, password: $p) { __typename } }", {
      u: USER,
      p: PASSWORD,
    });
  }
}

// A country that is shipped to, taxes, a way to send and one to pay: what an order needs.
async function prepare(admin) {
  const { activeChannel } = await admin.ask("{ activeChannel { id } }");
  const { createCountry } = await admin.ask(
    `mutation { createCountry(input: {code: "GB", enabled: true,
       translations: [{languageCode: en, name: "United Kingdom"}]}) { id } }`,
  );
  const { createZone } = await admin.ask("mutation($m: [ID!]) { createZone(input: {name: \"UK\", memberIds: $m}) { id } }", {
    m: [createCountry.id],
  });
  const { createTaxCategory } = await admin.ask(
    'mutation { createTaxCategory(input: {name: "Standard", isDefault: true}) { id } }',
  );
  await admin.ask(
    `mutation($c: ID!, $z: ID!) { createTaxRate(input: {name: "VAT", enabled: true, value: 20, categoryId: $c, zoneId: $z})
       { id } }`,
    { c: createTaxCategory.id, z: createZone.id },
  );
  await admin.ask(
    `mutation($id: ID!, $z: ID!) { updateChannel(input: {id: $id, defaultTaxZoneId: $z, defaultShippingZoneId: $z,
       defaultCurrencyCode: GBP, availableCurrencyCodes: [GBP]}) { __typename ... on ErrorResult { message } } }`,
    { id: activeChannel.id, z: createZone.id },
  );
  await admin.ask(
    `mutation { createShippingMethod(input: {code: "post", fulfillmentHandler: "manual-fulfillment",
       checker: {code: "default-shipping-eligibility-checker", arguments: [{name: "orderMinimum", value: "0"}]},
       calculator: {code: "default-shipping-calculator", arguments: [{name: "rate", value: "500"},
         {name: "includesTax", value: "auto"}, {name: "taxRate", value: "20"}]},
       translations: [{languageCode: en, name: "Post", description: ""}]}) { id } }`,
  );
  await admin.ask(
    `mutation { createPaymentMethod(input: {code: "card", enabled: true,
       handler: {code: "dummy-payment-handler", arguments: [{name: "automaticSettle", value: "true"}]},
       translations: [{languageCode: en, name: "Card", description: ""}]}) { id } }`,
  );
  return createTaxCategory.id;
}

// Each place in STOCK.json is a stock location; the first is the one that Vendure makes by itself.
async function locate(admin, goods) {
  const { stockLocations } = await admin.ask("{ stockLocations { items { id name } } }");
  const names = [...new Set(goods.flatMap((item) => Object.keys(item.stock)))];
  const ids = {};
  for (const [order, name] of names.entries()) {
    const mutation = order === 0 ? "updateStockLocation" : "createStockLocation";
    const input = order === 0 ? { id: stockLocations.items[0].id, name } : { name };
    const kind = order === 0 ? "UpdateStockLocationInput!" : "CreateStockLocationInput!";
    const said = await admin.ask(`mutation($i: ${kind}) { ${mutation}(input: $i) { id } }`, { i: input });
    ids[name] = said[mutation].id;
  }
  return ids;
}

async function stock(admin, goods, taxCategoryId) {
  const locations = await locate(admin, goods);
  for (const item of goods) {
    const translations = [{ languageCode: "en", name: item.title }];
    const { createProduct } = await admin.ask(
      "mutation($i: CreateProductInput!) { createProduct(input: $i) { id } }",
      { i: { enabled: item.enabled, translations: [{ ...translations[0], slug: item.sku.toLowerCase(), description: "" }] } },
    );
    const input = {
      productId: createProduct.id,
      sku: item.sku,
      translations,
      taxCategoryId,
      price: Math.round(Number(item.price) * 100),
      trackInventory: item.tracked ? "INHERIT" : "FALSE",
      stockLevels: Object.entries(item.stock).map(([name, quantity]) => ({
        stockLocationId: locations[name],
        stockOnHand: quantity,
      })),
    };
    if (item.threshold !== undefined) {
      input.useGlobalOutOfStockThreshold = false;
      input.outOfStockThreshold = item.threshold;
    }
    await admin.ask("mutation($i: [CreateProductVariantInput!]!) { createProductVariants(input: $i) { id } }", {
      i: [input],
    });
  }
}

async function main(database, goods, wanted) {
  const isNew = !fs.existsSync(database);
  const port = wanted || (await freePort());
  await bootstrap(configured(database, port));
  if (isNew) {
    const admin = new Admin(port);
    await admin.logIn();
    await stock(admin, JSON.parse(fs.readFileSync(goods, "utf-8")), await prepare(admin));
  }
  const versions = { vendure: VENDURE_VERSION, node: process.version };
  process.stdout.write(`${JSON.stringify({ port, versions })}\n`);
  // Whoever started it is gone when its input ends, however that came about.
  process.stdin.on("end", () => process.exit(0)).resume();
}

main(process.argv[2], process.argv[3], Number(process.argv[4] || 0)).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
