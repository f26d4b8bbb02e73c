import { resolve } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { gallery } from "./gallery.plugin";

const unused = "pink|grape|violet|indigo|cyan|teal|green|lime|orange";

// Most of the library's variables are shades of colours that are never shown.
const fewerColours: Plugin = {
  name: "fewer-colours",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("/default-css-variables.css")) return null;
    return code.replace(new RegExp(`--mantine-color-(?:${unused})-[\\w-]+:[^;}]+;?`, "g"), "");
  },
};

/** The pages of the staff. Built after the lite pages, into the same folder. */
export default defineConfig({
  plugins: [react(), fewerColours, gallery("gallery.html")],
  publicDir: false,
  build: {
    target: "es2022",
    outDir: "dist",
    emptyOutDir: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: resolve(import.meta.dirname, "staff.html"),
      // Told apart by name from what kiosks and boards load.
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/staff-[name]-[hash].js",
        // What several groups of pages share compresses better in one piece.
        codeSplitting: {
          groups: [
            { name: "shared", test: /node_modules|src\/staff\/(ui|session|live)\//, minShareCount: 3 },
          ],
        },
        assetFileNames: ({ names }) =>
          names[0]?.endsWith(".css") && !names[0].startsWith("staff")
            ? "assets/staff-[name]-[hash][extname]"
            : "assets/[name]-[hash][extname]",
      },
    },
  },
  server: {
    proxy: { "/graphql": { target: "http://127.0.0.1:8080", ws: true }, "/auth": "http://127.0.0.1:8080" },
  },
});
