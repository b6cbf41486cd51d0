// A browser over `imr serve` and the sample corpus: with our script and without any script.
//
//   node run.mjs IMR INDEX CHROMIUM [SCREENSHOTS]
//
// Every page is held against axe-core (WCAG 2.2 AA and its best practices), in light and dark, at
// three widths. Ends with exit code 1 at the first thing that is not as it should be.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [imr, index, chromium, screenshots] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const folder = await mkdtemp(join(tmpdir(), "imr-browser-"));

const server = spawn(imr, ["serve", "--port", "0", "--quiet", "--index", index], {
  stdio: ["ignore", "pipe", "inherit"],
});
const home = await new Promise((resolve, reject) => {
  server.stdout.once("data", (line) => resolve(String(line).trim()));
  server.once("exit", (code) => reject(new Error(`imr serve ended with ${code}`)));
});
const browser = await puppeteer.launch({
  executablePath: chromium,
  headless: true,
  userDataDir: join(folder, "profile"),
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});

let steps = 0;
const step = (what) => {
  steps += 1;
  console.log(`  ${what}`);
};

// A page whose every fetch stays at home and whose policy is never broken.
async function open(withScript) {
  const page = await browser.newPage();
  await page.setJavaScriptEnabled(withScript);
  page.on("request", (request) => {
    const url = request.url();
    assert(url.startsWith(home) || url.startsWith("data:"), `it fetches ${url}`);
  });
  page.on("console", (message) => {
    assert(!/Content Security Policy/i.test(message.text()), message.text());
  });
  page.on("pageerror", (error) => assert.fail(String(error)));
  return page;
}

const text = (page, selector) => page.$eval(selector, (element) => element.textContent);

async function follow(page, selector) {
  const link = await page.$(selector);
  assert(link, `${selector} is not on ${page.url()}`);
  await Promise.all([page.waitForNavigation(), link.click()]);
}

async function session(withScript) {
  console.log(withScript ? "with a script" : "without scripts");
  const page = await open(withScript);
  await page.goto(home);
  await page.type("#q", "norco taper");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(page.url(), /\?q=norco\+taper/);
  const found = await text(page, "h1");
  assert.match(found, /^4 letters, 4 matching items/);
  step("searches");

  await follow(page, 'a.value[title^="Anesthesiology:"]');
  assert.match(page.url(), /specialty=Anesthesiology/);
  assert.match(await text(page, "h1"), /^1 letter,/);
  assert.match(await text(page, ".chips"), /specialty: Anesthesiology/);
  step("chooses a value of a facet");

  const case_number = await text(page, ".hit h2");
  await follow(page, ".hit h2 a");
  assert.equal(await text(page, "h1"), case_number);
  assert((await page.$$("mark")).length > 0);
  step("opens a letter");

  await page.goBack();
  assert.match(await text(page, "h1"), /^1 letter,/);
  await follow(page, ".chip");
  assert.equal(await text(page, "h1"), found);
  step("goes back and lets the value go");

  await page.reload();
  assert.equal(await text(page, "h1"), found);
  assert.equal(await page.$eval("#q", (box) => box.value), "norco taper");
  step("reloads");

  await follow(page, ".tabs a:nth-child(2)");
  assert.equal((await page.$$(".chart svg")).length, 2);
  assert.equal((await page.$$(".table table")).length, 2);
  step("shows figures");

  await page.goto(`${home}?show=specialty`);
  const values = (await page.$$("#facet-specialty ~ ul .value")).length;
  await page.type("#find", "pain");
  if (!withScript) {
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  }
  const left = await page.$$eval("#facet-specialty ~ ul > li", (all) => {
    return all.filter((one) => one.offsetParent !== null).length;
  });
  assert(left > 0 && left < values, `${left} of ${values}`);
  step("finds among the values of a long facet");

  const downloads = await mkdtemp(join(folder, "downloads-"));
  const client = await page.createCDPSession();
  await client.send("Page.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  await page.goto(`${home}?q=norco+taper`);
  await page.click('.export a[href*="format=csv"]');
  let saved = [];
  for (let n = 0; n < 100 && !saved.includes("imr-letters.csv"); n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    saved = await readdir(downloads);
  }
  const rows = (await readFile(join(downloads, "imr-letters.csv"), "utf8")).trim().split(/\r?\n(?=CM)/);
  assert.equal(rows.length, 5, "a header and the four items");
  step("exports");
  await page.close();
}

async function keys() {
  console.log("by keyboard");
  const page = await open(true);
  await page.goto(`${home}?q=norco+taper`);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  const first = await text(page, ".hit h2 a");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), first);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(await text(page, "h1"), first);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("n")]);
  assert.notEqual(await text(page, "h1"), first);
  step("/ j k enter n");
  // Without ours: the first stop leads past the head, the next are links and fields with a name.
  await page.goto(home);
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the results");
  step("the first stop skips the head");
  await page.close();
}

async function source() {
  console.log("a letter's own file");
  const page = await browser.newPage();
  const found = await fetch(`${home}api/search?case=CM15-0900106`).then((answer) => answer.json());
  await page.goto(`${home}letters/${found.hits[0].id}/source`);
  const viewer = () => page.frames().some((frame) => frame.url().startsWith("chrome-extension://"));
  for (let n = 0; n < 100 && !viewer(); n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(viewer(), "the browser's own viewer shows it");
  step("a PDF opens in the browser");
  await page.close();
}

async function looks() {
  console.log("to everybody");
  const page = await open(true);
  await page.goto(`${home}?q=norco`);
  const letter = await page.$eval(".hit h2 a", (link) => link.href);
  const pages = {
    search: `${home}?q=norco+taper&decision=upheld`,
    all: home,
    facet: `${home}?show=class`,
    nothing: `${home}?q=zzzzzz`,
    unreadable: `${home}?drug=norcoo`,
    missing: `${home}nowhere`,
    letter,
    figures: `${home}figures?q=lumbar`,
  };
  // axe-core is put into the page, which the page's own policy forbids.
  await page.setBypassCSP(true);
  const wrong = [];
  for (const scheme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    for (const [name, url] of Object.entries(pages)) {
      for (const width of [1440, 1024, 390]) {
        await page.setViewport({ width, height: 900 });
        await page.goto(url);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert(wide <= width, `${name} is ${wide} wide at ${width}`);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        for (const { id, help, nodes } of violations) {
          const places = nodes.slice(0, 3).map((node) => `\n    ${node.html}`);
          wrong.push(`${name}, ${scheme}, ${width}: ${id}: ${help}${places.join("")}`);
        }
        if (screenshots) {
          await page.screenshot({ path: join(screenshots, `${name}-${scheme}-${width}.png`) });
        }
      }
    }
    assert.equal(wrong.length, 0, wrong.join("\n"));
    step(`${Object.keys(pages).length} pages at three widths, ${scheme}: axe-core finds nothing`);
  }
  await page.close();
}

try {
  await session(true);
  await session(false);
  await keys();
  await source();
  await looks();
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  assert.equal(await ended, 0);
  step("and the server ends");
  console.log(`browser: ${steps} steps passed`);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  server.kill();
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}
