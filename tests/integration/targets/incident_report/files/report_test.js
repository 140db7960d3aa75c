// Copyright (c) 2026, linux_audit.fleet contributors
// GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// report_test.js CHROMIUM REPORT MANY: uses REPORT as a reader would, and sees that MANY, with 20,000 signals, stays usable.

"use strict";
const assert = require("node:assert");
const fs = require("node:fs");
const { chromium } = require("playwright-core");

const [executablePath, report, many] = process.argv.slice(2);
const axe = fs.readFileSync(require.resolve("axe-core"), "utf8");
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

async function open(browser, file, options) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => troubles.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(error.stack));
  page.on("request", (request) => { if (request.url() !== `file://${file}`) troubles.push(`request: ${request.url()}`); });
  await page.goto(`file://${file}`);
  await page.waitForFunction(() => document.documentElement.dataset.ready === "yes", null, { timeout: 30000 });
  return { page, troubles, close: () => context.close() };
}

async function shown(page) {
  return Number((await page.textContent("#shown")).match(/\d+/)[0]);
}

function column(page, name) {
  return page.$$eval(`.tabulator-row .tabulator-cell[tabulator-field="${name}"]`, (cells) => cells.map((cell) => cell.textContent));
}

function header(page, title) {
  return page.locator(".tabulator-col-title button", { hasText: new RegExp(`^${title}$`) });
}

async function seriousProblems(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run());
  return violations.filter((one) => ["serious", "critical"].includes(one.impact)).map((one) => `${one.id}: ${one.nodes.map((node) => node.html)}`);
}

const tests = {
  "the verdict and the broken hosts are on the first screen": async (page) => {
    assert.match(await page.textContent("#verdict"), /^\d+ signals on 4 hosts, .* in the logs of 4 of 6 hosts\. The search is not complete/);
    const alarms = page.locator("#alarms");
    assert.match(await alarms.textContent(), /down: unreachable/);
    assert.match(await alarms.textContent(), /no_audit: failed/);
    const box = await alarms.boundingBox();
    assert.ok(box.y + box.height < 900);
  },

  "rows are filtered by host, signal, sender, victim and any text": async (page) => {
    const all = await shown(page);
    await page.selectOption("#filters select >> nth=0", "db1");
    assert.ok(await shown(page) < all);
    assert.deepStrictEqual([...new Set(await column(page, "host"))], ["db1"]);
    await page.click("#filters button[type=reset]");
    await page.waitForFunction((count) => document.getElementById("shown").textContent.startsWith(`${count} `), all);
    await page.selectOption("#filters select >> nth=1", "SIGPWR");
    assert.deepStrictEqual([...new Set(await column(page, "signal"))], ["SIGPWR"]);
    await page.click("#filters button[type=reset]");
    for (const [label, column_name, text] of [["Sender", "sender", "SEND32"], ["Victim", "victim", "sh"], ["Any text", "command", "tgkill"]]) {
      await page.getByLabel(label, { exact: true }).fill(text);
      assert.ok(await shown(page) > 0 && await shown(page) < all, label);
      assert.ok((await column(page, column_name)).every((cell) => cell.toLowerCase().includes(text.toLowerCase())), label);
      await page.click("#filters button[type=reset]");
    }
    await page.getByLabel("Show what is set apart as noise").check();
    assert.ok(await shown(page) > all);
    await page.getByLabel("Show what is set apart as noise").uncheck();
  },

  "rows are sorted, with the keyboard too": async (page) => {
    await header(page, "Host").click();
    const up = await column(page, "host");
    assert.deepStrictEqual(up, [...up].sort());
    await header(page, "Host").focus();
    await page.keyboard.press("Enter");
    const down = await column(page, "host");
    assert.deepStrictEqual(down, [...down].sort().reverse());
    assert.notDeepStrictEqual(up, down);
    await page.keyboard.press("Enter");
  },

  "a row opens to its event and closes, with the keyboard alone": async (page) => {
    const button = page.locator(".tabulator-row button").first();
    await button.focus();
    await page.keyboard.press("Enter");
    const event = JSON.parse(await page.textContent("dialog pre"));
    assert.match(event.id, /^\d+\.\d{3}:\d+$/);
    assert.ok(event.host && event.targets && event.syscall.name);
    assert.ok(event.records.some((record) => record.type === "SYSCALL" && record.raw.includes(" syscall=")));
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
    assert.ok(await button.evaluate((element) => element === document.activeElement));
  },

  "a part of the timeline narrows the table": async (page) => {
    const all = await shown(page);
    const box = await page.locator("#timeline .u-over").boundingBox();
    await page.mouse.move(box.x + box.width * 0.8, box.y + 10);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 1, box.y + 20, { steps: 5 });
    await page.mouse.up();
    await page.waitForFunction((count) => !document.getElementById("shown").textContent.startsWith(`${count} `), all);
    await page.locator("#timeline .u-over").dblclick();
    await page.waitForFunction((count) => document.getElementById("shown").textContent.startsWith(`${count} `), all);
  },

  "hostile names are text": async (page) => {
    assert.strictEqual(await page.evaluate(() => window.pwned), undefined);
    await page.selectOption("#filters select >> nth=0", "evil<b>");
    assert.match((await column(page, "sender"))[0], /<\/script><script>window\.pwned=1<\/script>"'\\x1b\[31m$/);
    const command = (await column(page, "command"))[0];
    assert.ok(command.includes("<img src=x onerror=window.pwned=2>") && command.includes("\\u202e=1+1") && command.includes("@@DATA@@"));
    await page.locator(".tabulator-row button").first().click();
    const event = await page.textContent("dialog pre");
    assert.ok(event.includes("\\u001b[31m") && event.includes("\\u202e") && !event.includes("\u202e"));
    await page.keyboard.press("Escape");
    await page.click("#filters button[type=reset]");
    assert.strictEqual(await page.evaluate(() => window.pwned), undefined);
  },

  "everything is printed": async (page) => {
    const count = await shown(page);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.strictEqual(await page.locator(".tabulator-print-table tbody tr").count(), count);
    await page.evaluate(() => dispatchEvent(new Event("afterprint")));
    assert.ok((await page.pdf()).length > 10000);
  },

  "there is no serious problem of accessibility": async (page) => {
    assert.deepStrictEqual(await seriousProblems(page), []);
  },
};

async function main() {
  const browser = await chromium.launch({ executablePath, args: FLAGS });
  try {
    for (const [name, test] of Object.entries(tests)) {
      const { page, troubles, close } = await open(browser, report);
      await test(page);
      assert.deepStrictEqual(troubles, [], name);
      await close();
      console.log(`ok: ${name}`);
    }
    for (const options of [{ colorScheme: "dark" }, { viewport: { width: 390, height: 800 } }, { forcedColors: "active" }]) {
      const { page, troubles, close } = await open(browser, report, options);
      assert.deepStrictEqual(await seriousProblems(page), []);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "wider than the screen");
      assert.deepStrictEqual(troubles, []);
      await close();
      console.log(`ok: accessible with ${JSON.stringify(options)}`);
    }
    const start = Date.now();
    const { page, troubles, close } = await open(browser, many);
    const opened = Date.now() - start;
    const all = await shown(page);
    assert.ok(all >= 19000, `${all} rows`);
    const filtering = Date.now();
    await page.getByLabel("Any text", { exact: true }).fill("pidfd");
    assert.ok(await shown(page) > 0 && await shown(page) < all);
    await header(page, "Victim").click();
    const filtered = Date.now() - filtering;
    assert.deepStrictEqual(troubles, []);
    await close();
    console.log(`ok: ${all} rows opened in ${opened} ms, filtered and sorted in ${filtered} ms`);
    assert.ok(opened < 15000 && filtered < 5000);
  } finally {
    await browser.close();
  }
}

main().catch((error) => { console.error(error); process.exit(1); });
