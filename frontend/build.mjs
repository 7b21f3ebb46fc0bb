// Builds static/raccordo/: one style sheet, one script per entry point, the fonts and the icons. Run by `make build`.
// Names are not hashed here: whitenoise's manifest storage does that when the static files are collected.
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const output = join(here, "static", "raccordo");
const FONTS = ["400", "600"].map((weight) => `titillium-web-latin-${weight}-normal.woff2`);
/** KB, compressed: what a slow line has to carry before the room is live. */
const LARGEST = { "live-refresh.js": 20 };
const ENTRY_POINTS = /^(?!.*\.(test|d)\.ts$).+\.entry\.ts$/;

function buildFonts() {
  mkdirSync(join(output, "fonts"), { recursive: true });
  for (const font of FONTS) {
    copyFileSync(join(packages, "@fontsource/titillium-web/files", font), join(output, "fonts", font));
  }
}

function buildIcons() {
  const sprite = readFileSync(join(packages, "bootstrap-italia/dist/svg/sprites.svg"), "utf8");
  const names = readFileSync(join(here, "icons.txt"), "utf8").split("\n").filter((line) => line && !line.startsWith("#"));
  const symbols = names.map((name) => {
    const found = sprite.match(new RegExp(`<symbol id="${name}".*?</symbol>`, "s"));
    if (!found) throw new Error(`icons.txt: Bootstrap Italia has no symbol ${name}`);
    return found[0];
  });
  writeFileSync(join(output, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>\n`);
}

async function buildScripts() {
  const entries = readdirSync(join(here, "src")).filter((name) => ENTRY_POINTS.test(name));
  await esbuild.build({
    entryPoints: Object.fromEntries(entries.map((name) => [name.replace(".entry.ts", ""), join(here, "src", name)])),
    outdir: output,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  });
}

async function buildStyles() {
  const { css } = sass.compile(join(here, "scss/raccordo.scss"), {
    loadPaths: [join(packages, "bootstrap-italia/src/scss")],
    quietDeps: true, // the kit is written for an older Sass
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: ["chrome109", "firefox115", "safari15.6"] });
  writeFileSync(join(output, "raccordo.css"), code);
}

function report() {
  for (const name of readdirSync(output).filter((name) => /\.(css|js|svg)$/.test(name))) {
    const content = readFileSync(join(output, name));
    const compressed = gzipSync(content).length / 1024;
    console.log(`${name.padEnd(20)} ${(content.length / 1024).toFixed(1)} KB, ${compressed.toFixed(1)} KB compressed`);
    if (compressed > (LARGEST[name] ?? Infinity)) throw new Error(`${name} is more than ${LARGEST[name]} KB`);
  }
}

rmSync(output, { recursive: true, force: true });
buildFonts();
buildIcons();
await buildScripts();
await buildStyles(); // last: make takes the style sheet as the sign that the build is complete
report();
