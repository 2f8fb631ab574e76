// How the page is built: hashed files of its own, nothing inline, nothing from elsewhere.

import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  // `npm run dev` beside a running engine.
  server: {
    proxy: {
      "/api": { target: process.env["DESKWIRE_URL"] ?? "http://127.0.0.1:8080" },
      "/ws": { target: process.env["DESKWIRE_URL"] ?? "http://127.0.0.1:8080", ws: true },
    },
  },
});
