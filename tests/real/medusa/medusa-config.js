// The store that `make test-real` boots: no admin site, no Redis, everything in one PostgreSQL database.

"use strict";

const { defineConfig } = require("@medusajs/framework/utils");

const LOOPBACK = "http://127.0.0.1";

module.exports = defineConfig({
  admin: { disable: true },
  projectConfig: {
    databaseUrl: process.env.SHOP_DATABASE,
    databaseDriverOptions: { connection: { ssl: false } },
    http: {
      storeCors: LOOPBACK,
      adminCors: LOOPBACK,
      authCors: LOOPBACK,
      jwtSecret: "loopback only",
      jwtExpiresIn: process.env.SHOP_TOKEN_LIFE || "1d",
      cookieSecret: "loopback only",
    },
  },
});
