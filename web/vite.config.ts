import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type Plugin } from "vite";

/** Packages that `build.py` copies for the saved map pages without bundling them. */
const COPIED = ["leaflet"];

/** Folder of the npm package that holds a bundled module, or null for our own code. */
function packageOf(module: string): string | null {
  const found = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module);
  return found?.[1] ?? null;
}

/** Name, version and full licence text of one package. */
function notice(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const files = readdirSync(folder).filter((name) => /^licen[cs]e/i.test(name)).sort();
  const texts = files.map((name) => readFileSync(join(folder, name), "utf8").trim());
  return [`${about.name} ${about.version} (${about.license})`, ...texts].join("\n\n");
}

/** Writes THIRD_PARTY.txt: the licences of what really ended up in the bundle. */
function thirdParty(): Plugin {
  return {
    name: "third-party",
    generateBundle() {
      const bundled = [...this.getModuleIds()].map(packageOf).filter((folder) => folder !== null);
      const copied = COPIED.map((name) => join(import.meta.dirname, "node_modules", name));
      // the bundler's own runtime snippets are vite's and carry no licence demand of their own
      const folders = [...new Set([...bundled, ...copied])].filter((folder) => !/\/(vite|rolldown)$/.test(folder)).sort();
      const source = folders.map(notice).join(`\n\n${"-".repeat(100)}\n\n`) + "\n";
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY.txt", source });
    },
  };
}

export default defineConfig({
  // relative, so that the page also works below a path of a reverse proxy
  base: "./",
  plugins: [thirdParty()],
  build: {
    target: "es2022",
    // data: URIs would need a wider Content-Security-Policy
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
    // the editor of plans is a page of its own, so that looking up an address stays light
    rolldownOptions: { input: ["index.html", "plans.html"].map((page) => join(import.meta.dirname, page)) },
  },
  server: { proxy: { "/api": "http://127.0.0.1:8000" } },
});
