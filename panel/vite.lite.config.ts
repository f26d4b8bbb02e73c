import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { defineConfig } from "vite";
import { gallery } from "./gallery.plugin";

/** The version of the whole of Talon: what devices report as theirs. */
const version = /^version = "(.+)"/m.exec(
  readFileSync(resolve(import.meta.dirname, "../Cargo.toml"), "utf8"),
)?.[1];

/** The pages of the hall: kiosks and boards live for years in old browsers, so the floor is Chrome 80. */
export default defineConfig({
  define: { "import.meta.env.VITE_BUILD": JSON.stringify(version ?? "") },
  plugins: [gallery("gallery-hall.html")],
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    target: "chrome80",
    cssTarget: "chrome80",
    outDir: "dist",
    emptyOutDir: true,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ["index", "kiosk", "board", "ticket", "pair"].map(page =>
        resolve(import.meta.dirname, `${page}.html`),
      ),
    },
  },
});
