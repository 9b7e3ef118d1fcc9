// Opens pages in a headless Chromium, and says as JSON what it finds there: the title, messages of the console,
// requests, elements, what axe-core objects to, and how wide the page is. Screenshots are kept beside the pages.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");
const SIGHTS = [
  { name: "desk-light", width: 1280, scheme: "light" },
  { name: "desk-dark", width: 1280, scheme: "dark" },
  { name: "phone-light", width: 360, scheme: "light" },
  { name: "phone-dark", width: 360, scheme: "dark" },
];

// How many losses are folded away, so that nobody sees them.
function folded() {
  return [...document.querySelectorAll(".loss")].filter((one) => !one.checkVisibility()).length;
}

async function sight(browser, file, { name, width, scheme }) {
  const page = await browser.newPage();
  const messages = [];
  const requests = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width, height: 900 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(`file://${file}`);
  const found = await page.evaluate(() => ({
    title: document.title,
    language: document.documentElement.lang,
    sections: [...document.querySelectorAll("main section")].map((one) => one.getAttribute("aria-labelledby")),
    elements: Object.fromEntries(
      ["script", "img", "iframe", "style", "svg"].map((tag) => [tag, document.querySelectorAll(tag).length]),
    ),
    text: document.body.innerText,
    width: document.documentElement.scrollWidth,
  }));
  await page.emulateMediaType("print");
  found.folded_in_print = await page.evaluate(folded);
  await page.emulateMediaType("screen");
  found.folded = await page.evaluate(folded);
  await page.keyboard.press("Tab");
  found.first_stop = await page.evaluate(() => document.activeElement.getAttribute("href"));
  await page.evaluate(axe); // past the page's policy, which lets no script in
  const judged = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "passes"] }));
  await page.screenshot({ path: file.replace(/\.html$/, `-${name}.png`), fullPage: true });
  await page.close();
  const violations = judged.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(" ")}`);
  const passes = judged.passes.map((one) => one.id);
  return { ...found, name, asked_width: width, messages, requests, violations, passes };
}

const [program, ...files] = process.argv.slice(2);
const browser = await puppeteer.launch({ executablePath: program, headless: "shell", args: ["--no-sandbox"] });
const found = {};
for (const file of files) {
  found[file] = [];
  for (const one of SIGHTS) found[file].push(await sight(browser, file, one));
}
const page = await browser.newPage();
for (const file of files) {
  await page.goto(`file://${file}`);
  await page.pdf({ path: file.replace(/\.html$/, ".pdf"), format: "A4" });
}
await browser.close();
process.stdout.write(JSON.stringify(found));
