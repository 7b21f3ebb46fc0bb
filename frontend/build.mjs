// Builds static/raccordo/: one style sheet and its rules with the classes that each is about, one script per entry point, the service
// worker, the fonts and the icons. Run by `make build`.
// Names are not hashed here: whitenoise's manifest storage does that when the static files are collected.
// What is shipped of the style sheet is decided by the list of names that `make rendered` writes (docs/adr/0025-critical-css-and-offline.md).
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import * as esbuild from "esbuild";
import postcss from "postcss";
import { PurgeCSS } from "purgecss";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "node_modules");
const output = join(here, "static", "raccordo");
const unpurged = join(here, "..", "build", "unpurged.css"); // for tests/frontend/test_rendered.py
const TARGETS = ["chrome109", "firefox115", "safari15.6"];
/** KB, compressed: what a slow line has to carry before the room is live. */
const LARGEST = { "live-refresh.js": 20, "sw.js": 3 };
const ENTRY_POINTS = /^(?!.*\.(test|d)\.ts$).+\.entry\.ts$/;
/** Set by scripts and browsers on what the server has rendered, or said by templates in states that no list can have all of. */
const STATES = ["open", "hidden", "disabled", "checked", "data-state", "data-theme", "aria-current", "aria-disabled", "aria-expanded", "aria-invalid", "aria-pressed"];

function buildFonts() {
  mkdirSync(join(output, "fonts"), { recursive: true });
  for (const font of readdirSync(join(here, "fonts")).filter((name) => name.endsWith(".woff2"))) {
    copyFileSync(join(here, "fonts", font), join(output, "fonts", font));
  }
}

function buildIcons() {
  const sprite = readFileSync(join(packages, "bootstrap-italia/dist/svg/sprites.svg"), "utf8");
  const symbols = lines("icons.txt").map((name) => {
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

/** The whole sheet comes last in a page and is kept by the browser. In the page stand the rules that it needs, with the fonts. */
async function buildStyles() {
  const { css } = sass.compile(join(here, "scss/raccordo.scss"), {
    loadPaths: [join(packages, "bootstrap-italia/src/scss")],
    quietDeps: true, // the kit is written for an older Sass
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  });
  mkdirSync(dirname(unpurged), { recursive: true });
  writeFileSync(unpurged, css);
  const rendered = [...lines("rendered.txt"), ...namesInTemplates(), ...wordsOfScripts()];
  const shipped = await purged(css, rendered);
  writeFileSync(join(output, "critical.json"), JSON.stringify(rulesOf(await minified(firstSight(shipped)))));
  writeFileSync(join(output, "raccordo.css"), await minified(withoutFonts(shipped)));
}

/** The rules whose selectors name nothing but what is in `names` (CSS notation: a, .alert, #main, [hidden]), and the variables they use. */
async function purged(css, names) {
  const of = (sign) => names.filter((name) => name.startsWith(sign)).map((name) => name.replace(/^[.#[]|\]$/g, ""));
  const attributes = [...of("["), ...STATES];
  const used = { classes: of("."), ids: of("#"), tags: names.filter((name) => /^[a-z]/.test(name)), attributes: { names: attributes, values: [] }, undetermined: [] };
  const [{ css: kept }] = await new PurgeCSS().purge({
    content: [{ raw: "names", extension: "names" }],
    css: [{ raw: css }],
    extractors: [{ extensions: ["names"], extractor: () => used }],
    dynamicAttributes: attributes,
    safelist: { standard: [/^:/] }, // what names no element holds for all: the focus ring
    keyframes: true,
    variables: true,
  });
  return kept;
}

/** Without what is only for paper, or for a pointer that is there already. */
function firstSight(css) {
  const root = postcss.parse(css);
  root.walkAtRules("media", (rule) => {
    if (rule.params.trim() === "print") rule.remove();
  });
  root.walkRules((rule) => {
    const kept = rule.selectors.filter((selector) => !/:(hover|active|focus(?!-visible|-within))\b/.test(selector) || selector.includes(":not("));
    if (kept.length === 0) rule.remove();
    else if (kept.length < rule.selectors.length) rule.selectors = kept;
  });
  return root.toString();
}

/** For frontend/critical.py, in order: [what stands around the rule, the rule, for each of its selectors the classes that it is about]. */
function rulesOf(css) {
  const rules = [];
  for (const node of postcss.parse(css).nodes) {
    const inner = node.type === "atrule" && /^(media|supports)$/.test(node.name) && node.nodes.every(({ type }) => type === "rule");
    for (const rule of inner ? node.nodes : [node]) {
      const around = inner ? `@${node.name} ${node.params}` : "";
      rules.push([around, rule.toString(), rule.selectors?.map(classesOf) ?? [[]]]);
    }
  }
  return rules;
}

/** What stands within :not(), :is() and the like may be there or not. */
function classesOf(selector) {
  let plain = selector.replace(/\[[^\]]*\]/g, "");
  for (let before = ""; before !== plain; ) [before, plain] = [plain, plain.replace(/\([^()]*\)/g, "")];
  return [...plain.matchAll(/\.([A-Za-z_][\w-]*)/g)].map((found) => found[1]);
}

/** A font that a late sheet names anew would be put in late, and move the page. */
function withoutFonts(css) {
  const root = postcss.parse(css);
  root.walkAtRules("font-face", (rule) => void rule.remove());
  return root.toString();
}

async function minified(css) {
  return (await esbuild.transform(css, { loader: "css", minify: true, target: TARGETS })).code;
}

/** What stands in a class="…" of a template, in a state that none of the rendered pages was in too. */
function namesInTemplates() {
  const templates = readdirSync(join(here, "templates"), { recursive: true }).filter((name) => name.endsWith(".html"));
  const texts = templates.map((name) => readFileSync(join(here, "templates", name), "utf8"));
  const classes = texts.flatMap((text) => [...text.matchAll(/\bclass="([^"]*)"/g)].map((found) => found[1].replace(/{%.*?%}|{{.*?}}/g, " ")));
  return words(classes.join(" ")).map((name) => `.${name}`);
}

/** Classes that the islands set: any word in them may be one. */
function wordsOfScripts() {
  const sources = readdirSync(join(here, "src"), { recursive: true }).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return sources.flatMap((name) => words(readFileSync(join(here, "src", name), "utf8"))).map((name) => `.${name}`);
}

function words(text) {
  return [...new Set(text.match(/[A-Za-z][\w-]*/g))];
}

function lines(name) {
  if (!existsSync(join(here, name))) throw new Error(`frontend/${name} is missing: git has it, and \`make rendered\` writes it`);
  return readFileSync(join(here, name), "utf8").split("\n").filter((line) => line && !/^# /.test(line));
}

function report() {
  for (const name of readdirSync(output).filter((name) => /\.(css|js|svg)$/.test(name))) {
    const content = readFileSync(join(output, name));
    const compressed = brotliCompressSync(content).length / 1024;
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
