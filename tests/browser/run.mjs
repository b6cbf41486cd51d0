// A browser over `imr serve` and the sample corpus: with our script and without any script.
//
//   node run.mjs IMR INDEX CHROMIUM [SCREENSHOTS]
//
// Every page is held against axe-core (WCAG 2.2 AA and its best practices), in light and dark, at
// three widths. Ends with exit code 1 at the first thing that is not as it should be.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import puppeteer from "puppeteer-core";

const [imr, index, chromium, screenshots] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const documents = new URL("../../sample-corpus", import.meta.url).pathname;
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
  protocolTimeout: 120_000,
  userDataDir: join(folder, "profile"),
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
  ],
});

let steps = 0;
const step = (what) => {
  steps += 1;
  console.log(`  ${what}`);
};

// A page whose every fetch stays at home and whose policy is never broken.
async function open(withScript) {
  const page = await browser.newPage();
  // A page behind another is not drawn, and what waits for that waits for good.
  await page.bringToFront();
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
  assert.match(await text(page, ".chips"), /drug: acetaminophen\/hydrocodone/);
  assert.match(await text(page, ".chips"), /specialty: Anesthesiology/);
  step("chooses a value of a facet");

  assert.match(await text(page, ".hit h2"), /Norco.*Denial (upheld|overturned)/);
  const case_number = await text(page, ".hit .case");
  await follow(page, ".hit h2 a");
  assert.equal(await text(page, "h1"), case_number);
  assert((await page.$$("mark")).length > 0);
  step("opens a letter");

  await page.goBack();
  assert.match(await text(page, "h1"), /^1 letter,/);
  await follow(page, `.chip .remove[href="/?q=norco+taper"]`);
  assert.equal(await text(page, "h1"), found);
  step("goes back and lets the value go");

  await page.click(".chip summary");
  await follow(page, ".choices a");
  assert.match(page.url(), /q=%22norco%22\+taper/);
  await page.goto(`${home}?q=norco+taper`);
  await page.click(".chip summary");
  await follow(page, ".choices a:nth-child(2)");
  assert.match(page.url(), /not-drug=acetaminophen/);
  assert.match(await text(page, ".chips"), /drug: not acetaminophen\/hydrocodone/);
  await page.goto(`${home}?q=norco+taper`);
  step("turns what was understood into words, and excludes it");

  await page.reload();
  assert.equal(await text(page, "h1"), found);
  assert.equal(await page.$eval("#q", (box) => box.value), "norco taper");
  step("reloads");

  await page.goto(`${home}?q=taper&drug=norcoo`);
  assert.equal(await page.$eval("#q", (box) => box.value), "taper");
  await follow(page, ".mended a");
  assert.match(await text(page, ".chips"), /drug: norco/);
  await page.goto(`${home}?decided-from=02/01/2015&decided-to=Feb+2016`);
  assert.match(await text(page, ".chips"), /decided: 02\/01\/2015 to Feb 2016/);
  step("keeps what cannot be read, offers what was meant, takes dates as Americans write them");

  await page.goto(home);
  assert.match(await text(page, ".start"), /letters.*Last update/s);
  await follow(page, ".examples a");
  assert.match(await text(page, "h1"), /letters/);
  await page.goto(`${home}?q=norco+taper`);
  step("begins with an example");

  await follow(page, ".tabs a:nth-child(2)");
  assert.equal((await page.$$(".chart")).length, 2);
  assert.equal((await page.$$(".table table")).length, 2);
  // Every bar is a link to its letters, as many as the table says.
  const [target, of] = await page.$eval(".bars a.bar-of", (bar) => [bar.href, bar.querySelector(".of").textContent]);
  await follow(page, ".bars a.bar-of");
  assert.equal(page.url(), target);
  assert.match(await text(page, "h1"), new RegExp(`, ${of.split(" of ")[1]} matching items?`));
  await page.goBack();
  await follow(page, ".columns a.bar-of");
  assert.match(await text(page, ".chips"), /year: 20\d\d/);
  await page.goto(`${home}figures?q=pain&by=specialty&and=treatment`);
  await follow(page, ".panels a.bar-of");
  assert.match(await text(page, ".chips"), /specialty: .*treatment: |treatment: .*specialty: /s);
  await page.goto(`${home}figures?q=norco+taper`);
  await page.type("#other", "mri");
  await follow(page, ".compare button");
  assert.match(await text(page, "main"), /side by side.*norco taper.*mri.*points/s);
  await page.goto(`${home}?q=norco+taper`);
  step("shows figures whose bars lead to letters, two crossed, and two searches side by side");

  await page.goto(`${home}?q=pain`);
  await follow(page, 'a.not[title="Exclude Upheld"]');
  assert.match(await text(page, ".chips"), /decision: not upheld/);
  await page.goto(`${home}?q=pain`);
  await page.type("#goto", "2");
  await follow(page, ".goto button");
  assert.match(page.url(), /offset=10/);
  await page.goto(`${home}?show=class`);
  await page.type("#find", "vicodin");
  if (!withScript) {
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  }
  const shown = await page.$$eval("#facet-class ~ ul > li", (all) => {
    return all.filter((one) => one.offsetParent !== null).map((one) => one.textContent);
  });
  assert.equal(shown.length, 1);
  assert.match(shown[0], /hydrocodone/);
  step("excludes a value, goes to a page, finds a drug by its brand");

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

  await page.goto(`${home}?q=pain`);
  const [bar, letters] = await page.$eval(".histogram a", (bar) => [bar.href, bar.title.match(/: (\d+) letter/)[1]]);
  await follow(page, ".histogram a");
  assert.equal(page.url(), bar);
  assert.match(await text(page, ".chips"), /year: 20\d\d/);
  assert.match(await text(page, "h1"), new RegExp(`^${letters} letters?,`));
  await page.goto(`${home}?q=pain`);
  await page.type("#decided-from", "Mar 2015");
  await page.type("#decided-to", "6/30/2016");
  await follow(page, "#decided-to ~ button");
  assert.match(await text(page, ".chips"), /decided: Mar 2015 to 6\/30\/2016/);
  const years = await page.$$eval(".histogram a", (bars) => bars.map((bar) => bar.title.slice(0, 4)));
  assert(years.every((year) => year === "2015" || year === "2016"), `${years}`);
  step("chooses a year in the histogram, and a range of dates");

  await page.goto(`${home}?q=pain`);
  await follow(page, '.sort a[href*="limit=25"]');
  assert.equal((await page.$$(".hits > li")).length, 25);
  await follow(page, '.pages a[rel="next"]');
  assert.match(page.url(), /offset=25/);
  step("shows 25 letters on a page");

  await page.goto(`${home}?show=page`);
  const groups = await page.$$eval("#facet-page ~ ul > li", (rows) => {
    return rows.map((row) => (row.className === "group" ? row.textContent : row.querySelector(".name").textContent));
  });
  const titles = groups.filter((one) => !one.startsWith("p. "));
  assert(titles.length > 2 && groups[0] === titles[0] && new Set(titles).size === titles.length, `${titles}`);
  await follow(page, "#facet-page ~ ul .value");
  assert.match(await text(page, ".chips"), new RegExp(`page: .*${groups[0]}, page ${groups[1].slice(3)}`));
  step("lists pages under their guideline, each a filter");

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

async function suggestions() {
  console.log("while typing");
  const page = await open(true);
  await page.goto(home);
  const shown = (what) => page.waitForFunction((sought) => {
    const first = document.querySelector("#suggestions li");
    return first && first.offsetParent !== null && first.textContent.includes(sought);
  }, {}, what);
  await page.type("#q", "taper norc");
  await shown("drug: acetaminophen/hydrocodone");
  await page.keyboard.press("ArrowDown");
  assert.equal(await page.$eval("#q", (box) => box.getAttribute("aria-activedescendant")), "suggestion-0");
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.match(page.url(), /\?q=taper&drug=acetaminophen%2Fhydrocodone$/);
  await page.goto(home);
  await page.type("#q", "cm15-09001");
  await shown("case: CM15-09001");
  await Promise.all([page.waitForNavigation(), page.click("#suggestions li")]);
  assert.match(await text(page, ".chips"), /case: CM15-09001/);
  const took = await page.evaluate(async () => {
    const times = [];
    for (const typed of ["no", "lumb", "pain man", "physical ther", "mtus chr", "0900"]) {
      const start = performance.now();
      await fetch(`/api/suggest?q=${encodeURIComponent(typed)}`).then((answer) => answer.json());
      times.push(performance.now() - start);
    }
    return Math.round(Math.max(...times));
  });
  step(`suggests drugs and case numbers, each a filter (the slowest of six took ${took} ms)`);
  await page.close();
}

async function letters(withScript) {
  const page = await open(withScript);
  const inSight = (selector) => page.$eval(selector, (element) => {
    const { top, height } = element.getBoundingClientRect();
    return height > 0 && top >= 0 && top < innerHeight;
  });
  await page.setViewport({ width: 1024, height: 700 });
  await page.goto(`${home}?q=mri`);
  const target = await page.$eval('.hit a.open[href*="#item-2"]', (link) => link.href);
  await page.goto(target);
  assert.match(await text(page, ".steps"), /Hit \d+ of \d+/);
  assert(await inSight("#item-2"), "the item that answers is in sight");
  assert.equal(await page.$eval(".card", (card) => card.open), false, "others are folded");
  assert.equal(await page.$eval(".whole details", (fold) => fold.open), false);
  step("opens a letter at the item that answers");

  const id = new URL(target).pathname;
  await page.goto(`${home.slice(0, -1)}${id}#item-1`);
  assert(await inSight("#item-1"));
  await page.goto(`${home}letters/cm150900101`);
  assert.equal(await text(page, "h1"), "CM15-0900101");
  step("finds an item and a case by address");

  if (withScript) {
    await page.goto(target);
    assert.match(await text(page, ".matches"), /^\d+ matches/);
    await page.keyboard.press("]");
    assert.match(await text(page, ".matches"), /^1 of \d+/);
    assert(await inSight("mark.here"));
    await page.click(".matches button:last-child");
    assert.match(await text(page, ".matches"), /^2 of \d+/);
    step("goes from match to match");

    // The clipboard of a browser without a window answers when it likes.
    await page.evaluate(() => {
      navigator.clipboard.writeText = async (written) => {
        globalThis.copied = written;
      };
    });
    await page.click(".card[open] .copy");
    const copied = await page.evaluate(() => globalThis.copied);
    assert.match(copied, /Independent Medical Review, Case No\. CM\d\d-\d+ \(\w{3} \d+, \d{4}\), item 2 of \d+/);
    step("copies a passage with its citation");

    await page.goto(target);
    await page.click(".card summary");
    await page.waitForFunction(() => Object.keys(sessionStorage).length > 0);
    await page.goto(home);
    await page.goBack();
    assert.equal(await page.$eval(".card", (card) => card.open), true);
    step("goes back to what was unfolded");
  }
  await page.goto(`${home}?q=pain`);
  const before = await page.$eval("#facet-specialty", (heading) => {
    heading.scrollIntoView({ block: "center" });
    return heading.getBoundingClientRect().top;
  });
  await follow(page, "#facet-specialty ~ ul .value");
  await new Promise((done) => setTimeout(done, 200));
  assert(await inSight("#facet-specialty"), "the list is in sight");
  if (withScript) {
    const after = await page.$eval("#facet-specialty", (heading) => heading.getBoundingClientRect().top);
    assert(Math.abs(after - before) < 3, `${before} ${after}`);
  }
  step("a list of values stays where it is");
  await page.close();
}

async function tray(withScript) {
  const page = await open(withScript);
  await page.goto(`${home}?q=norco+taper`);
  await page.click(".hit .pick input");
  if (withScript) {
    await page.goto(`${home}?q=mri`);
    await page.click("li:nth-child(2) > .hit .pick input");
    assert.match(await text(page, "#tray"), /2 entries/);
    await page.reload();
    assert(await page.$eval("li:nth-child(2) > .hit .pick input", (box) => box.checked));
    await follow(page, "#tray a");
    assert.match(page.url(), /\/selection\?pick=[0-9a-f]{32}\.\d+&pick=/);
    const [first, second] = await page.$$eval(".hit h2", (all) => all.map((one) => one.textContent));
    await follow(page, ".order a");
    assert.deepEqual(await page.$$eval(".hit h2", (all) => all.map((one) => one.textContent)), [second, first]);
    await follow(page, ".order a:last-child");
    assert.match(await text(page, "h1"), /1 entry/);
    assert.match(await text(page, "#tray"), /1 entry/);
  } else {
    await follow(page, "#picks button");
    assert.match(await text(page, "h1"), /1 entry/);
  }
  const brief = await page.$eval('.export a[href*="format=html"]', (link) => link.href);
  const written = await fetch(brief).then((answer) => answer.text());
  assert.match(written, /picked by hand/);
  assert.equal(written.match(/<tr><td/g).length, 1);
  const docx = await page.$eval('.export a[href*="format=docx"]', (link) => link.href);
  const bytes = await fetch(docx).then((answer) => answer.arrayBuffer());
  assert.equal(new TextDecoder().decode(bytes.slice(0, 2)), "PK");
  step("picks items across searches, orders and drops them, exports just these");
  await page.close();
}

async function saved() {
  const page = await open(true);
  await page.goto(`${home}?q=norco&sort=decided`);
  await page.click(".tools .export button");
  await page.waitForFunction(() => localStorage.getItem("imr-saved"));
  await page.goto(home);
  await follow(page, ".saved a");
  assert.match(page.url(), /\?q=norco$/);
  const feed = await page.$eval('.export a[href^="/feed"]', (link) => link.href);
  assert.match(await fetch(feed).then((answer) => answer.text()), /<feed xmlns="http:\/\/www.w3.org\/2005\/Atom">/);
  await page.goto(home);
  await page.click(".saved button");
  assert.equal((await page.$$(".saved li")).length, 0);
  step("saves a search, follows its feed");
  await page.close();
}

// An index of its own: larger than what one click exports, and growing.
async function growing() {
  console.log("over an index that grows");
  const place = join(folder, "growing");
  const letter = (n) => {
    const number = String(n).padStart(7, "0");
    const text = `Case Number: CM16-${number}\nDate of Decision: 03/0${1 + (n % 9)}/2016\n\n`
      + "IMR ISSUES, DECISIONS AND RATIONALES\n\nKnee brace: Upheld\n\n"
      + `Decision rationale: The knee is stable in visit ${n}, and a brace of its own is no help.\n`;
    return JSON.stringify({ id: number, text });
  };
  const write = (from, to) => {
    const lines = Array.from({ length: to - from }, (_, n) => letter(from + n));
    return writeFile(join(place, `${from}.jsonl`), `${lines.join("\n")}\n`);
  };
  const index = () => execFileSync(imr, ["index", place, "--index", `${place}-index`, "--quiet"]);
  await mkdir(place);
  await write(0, 1100);
  index();
  const own = spawn(imr, ["serve", "--port", "0", "--quiet", "--index", `${place}-index`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const start = await new Promise((resolve) => own.stdout.once("data", (line) => resolve(String(line).trim())));
  try {
    const page = await browser.newPage();
    await page.goto(`${start}?sort=decided`);
    await follow(page, '.export a[href*="format=csv"]');
    assert.match(await text(page, "h1"), /^Export 1,100 letters\?/);
    assert.match(await page.$eval(".links a", (link) => link.getAttribute("href")), /^\/api\/export\?.*format=csv/);
    await page.goto(`${start}?q=brace+visit`);
    assert.match(await page.$eval(".export a[download]", (link) => link.getAttribute("href")), /^\/api\/export/);
    step("asks before all of it is exported by one click");

    await page.goto(`${start}?q=knee+brace`);
    await page.click(".tools .export button");
    await page.waitForFunction(() => JSON.parse(localStorage.getItem("imr-saved") || "[]").some((one) => one.commit));
    // Three come and many go: their number alone would say that nothing is new.
    await write(1100, 1103);
    await write(0, 2);
    execFileSync(imr, ["index", place, "--index", `${place}-index`, "--quiet", "--prune"]);
    for (let n = 0; n < 100; n += 1) {
      const now = await fetch(`${start}api/search?limit=0`).then((answer) => answer.json());
      if (now.letters === 5) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await page.goto(start);
    await page.waitForFunction(() => /3 new since you last looked/.test(document.querySelector(".saved").textContent));
    await follow(page, ".saved span a");
    assert.match(await text(page, "h1"), /^3 letters/);
    assert.match(await text(page, ".chips"), /only newly added letters/);
    await page.goto(`${start}?q=knee+brace`);
    await page.waitForFunction(
      async (newest) => JSON.parse(localStorage.getItem("imr-saved"))[0].commit === newest,
      {},
      (await fetch(`${start}api/search?limit=0`).then((answer) => answer.json())).commit,
    );
    await page.goto(start);
    await page.waitForSelector(".saved a");
    assert.doesNotMatch(await text(page, ".saved"), /new since/);
    step("says what is new since a saved search was last looked at, by commit");
    await page.close();
  } finally {
    own.kill();
  }
}

async function mine(withScript) {
  const page = await open(withScript);
  await page.goto(home);
  assert.match(await text(page, ".start"), /nothing of it is stored/);
  await page.type("#case-text", "Norco 10/325 mg #90 for failed back surgery");
  await follow(page, ".document button");
  assert.match(await text(page, "main"), /such requests were overturned/);
  assert((await page.$$(".requested .hit")).length > 0);
  const diagnosis = await page.$('.adjust input[name=without][value^="prior-treatment:"]');
  await diagnosis.click();
  await follow(page, ".adjust button");
  assert(await page.$eval('.adjust input[name=without][value^="prior-treatment:"]', (box) => box.checked));
  await page.goto(`${home}similar`);
  const chosen = await page.$("#case-file");
  await chosen.uploadFile(join(documents, "2015", "CM15-0900106.pdf"));
  await follow(page, ".document button");
  assert.match(await text(page, "main"), /Read as an IMR determination letter/);
  step("finds decisions like a pasted text and a PDF");
  await page.close();
}

async function phone(withScript) {
  const page = await open(withScript);
  await page.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
  await page.goto(`${home}?q=norco+taper`);
  const top = await page.$eval(".hit h2", (title) => title.getBoundingClientRect().bottom);
  assert(top < 844, `the first hit is above the fold: ${top}`);
  assert.equal(await page.$eval("#filters", (panel) => panel.offsetParent), null);
  await page.click('a.jump[href="#filters"]');
  await page.waitForSelector("#filters", { visible: true });
  const small = await page.$$eval("#filters .value", (values) => {
    return values.filter((value) => value.offsetParent && value.offsetHeight < 24).length;
  });
  assert.equal(small, 0, "touch targets are large enough");
  await page.goto(`${home}?q=norco+taper`);
  const edges = await page.$$eval(".hit h2, .hit .meta, .hit .snippet", (parts) => {
    return [...new Set(parts.map((part) => Math.round(part.getBoundingClientRect().left)))];
  });
  assert.equal(edges.length, 1, `what a hit says has one left edge: ${edges}`);
  await page.click('a.jump[href="#export"]');
  await page.waitForSelector("#export", { visible: true });
  const sheet = await page.$$eval("#export a:not(.close), #export button", (all) => {
    return all.map((one) => [one.textContent, one.getBoundingClientRect().height]);
  });
  const names = sheet.map(([name]) => name);
  assert(["CSV", "Brief", "Feed"].every((name) => names.includes(name)), `${names}`);
  if (withScript) assert(names.includes("Save this search"), `${names}`);
  assert(sheet.every(([, height]) => height >= 40), `${sheet}`);
  await page.click("#export .close");
  await page.waitForSelector("#export", { hidden: true });
  await page.goto(`${home}figures?q=pain&by=specialty&and=treatment`);
  const wide = await page.$$eval(".chart, .panels, .bar-of, .bar-of svg", (parts) => {
    return parts.filter((part) => part.getBoundingClientRect().right > innerWidth || part.scrollWidth > part.clientWidth + 1).length;
  });
  assert.equal(wide, 0, "charts are as wide as the window");
  await page.goto(`${home}?q=norco+taper`);
  await page.click('a.jump[href="#filters"]');
  await page.waitForSelector("#filters", { visible: true });
  await follow(page, "#facet-specialty ~ ul .value");
  await page.waitForSelector("#facet-specialty", { visible: true });
  await page.click("#filters .close");
  await page.waitForSelector("#filters", { hidden: true });
  assert.match(await text(page, ".chips"), /specialty: /);
  step("on a phone filters are a drawer, exports a sheet, charts as wide as the window");
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
  const case_number = await text(page, ".hit .case");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), first);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
  assert.equal(await text(page, "h1"), case_number);
  await Promise.all([page.waitForNavigation(), page.keyboard.press("n")]);
  assert.notEqual(await text(page, "h1"), case_number);
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
  await page.goto(`${home}letters/CM15-0900106`);
  const links = await page.$$eval("a.in-file", (all) => all.map((link) => link.href));
  assert(links.length > 0);
  for (const link of links) assert.match(link, /\/source\/CM15-0900106\.pdf#page=\d+$/);
  const got = await fetch(links[0]);
  assert.equal(got.headers.get("content-type"), "application/pdf");
  assert.match(got.headers.get("content-disposition"), /^inline; filename="CM15-0900106\.pdf"$/);
  assert.match(await text(page, ".citation"), /, page \d+, /);
  step("at the item's page, under the case number; a citation has the page");
  // A page of a PDF is an object of this type.
  const pages = (bytes) => new TextDecoder("latin1").decode(bytes).match(/\/Type\s*\/Page\b/g).length;
  const printed = await readFile(join(documents, "2015", "CM15-0900106.pdf"));
  const own = pages(await page.pdf({ format: "letter" }));
  assert(own <= pages(printed) + 1, `a letter of ${pages(printed)} pages is printed on ${own}`);
  await page.goto(`${home}?q=norco+taper`);
  await page.emulateMediaType("print");
  assert.match(await page.$eval(".question", (question) => question.innerText), /^Question: norco taper$/);
  assert.equal(await page.$eval(".panel", (panel) => panel.offsetParent), null);
  step("a letter prints on about as many pages as its PDF, a list prints its question");
  await page.close();
}

async function looks() {
  console.log("to everybody");
  const page = await open(true);
  await page.goto(`${home}?q=norco`);
  const letter = await page.$eval(".hit h2 a", (link) => link.href);
  const pages = {
    search: `${home}?q=norco+taper&decision=upheld`,
    all: `${home}?sort=decided`,
    facet: `${home}?show=class`,
    start: home,
    nothing: `${home}?q=zzzzzz`,
    none: `${home}?q=norco&body-part=foot&specialty=Neurology`,
    unreadable: `${home}?drug=norcoo`,
    missing: `${home}nowhere`,
    letter,
    figures: `${home}figures?q=lumbar`,
    similar: `${home}similar`,
    crossed: `${home}figures?q=pain&by=specialty&and=treatment&reasons=true`,
    compare: `${home}compare?a=q%3Dnorco&words=mri`,
    export: `${home}export?format=csv`,
    selection: `${home}selection?pick=${new URL(letter).pathname.split("/")[2]}.1`,
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
  await letters(true);
  await tray(true);
  await saved();
  await growing();
  await mine(true);
  await phone(true);
  await session(false);
  await letters(false);
  await tray(false);
  await mine(false);
  await phone(false);
  await suggestions();
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
