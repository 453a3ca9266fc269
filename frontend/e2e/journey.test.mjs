// The way of a new customer through the product, from signing in to signing out, with a real shell in between.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { downloaded, largest, readCsv, unique } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";
import { TEXTS } from "./lib/texts.mjs";
import { until } from "./lib/wait.mjs";

const shell = promisify(execFile);

/** Signs in, and gives the window with what the overview said. */
async function enter(stage, options) {
  const window = await stage.open({ ...options, permissions: ["clipboard-read", "clipboard-write"] });
  await window.app.signIn(largest(stage.seed).access_code);
  await window.app.heading().getByText(window.app.t.overview.title, { exact: true }).waitFor();
  return window;
}

/** Saves a quick log by Ctrl+Enter and sees it everywhere on the page without a reload. */
async function quickLog({ app, page }, message) {
  const { t } = app;
  const before = { today: await app.figure(t.overview.today), total: await app.figure(t.overview.total), day: await app.lastDay() };
  await page.evaluate(() => (window.sameDocument = true));
  await page.locator("#quick").click();
  await page.keyboard.type(message);
  await page.keyboard.press("Control+Enter");
  const row = app.rows(message);
  await row.first().waitFor();
  await app.toast(t.overview.quick_saved).waitFor();
  await app.figureIs(t.overview.today, before.today + 1);
  await app.figureIs(t.overview.total, before.total + 1);
  await until("the chart counts the log", 5_000, async () => (await app.lastDay()) !== before.day);
  await until("the log stands there once, as saved", 5_000, async () => {
    return (await row.count()) === 1 && (await row.locator("a.rowbtn").count()) === 1;
  });
  assert.equal(await page.inputValue("#quick"), "", "the box is empty again");
  assert.ok(await page.evaluate(() => window.sameDocument), "the page was not loaded again");
}

/** Goes to a page by the menu. */
async function menu({ app, page }, name, address) {
  await page.locator("nav.side").getByRole("link", { name, exact: true }).click();
  await app.arrived(`**${address}`);
}

/** Takes the rows of the explorer out in a format; their number is told before. */
async function exportAs({ app, page }, label, count) {
  const { t } = app;
  await app.button(t.logs.export_more).click();
  const number = count === 1 ? t.logs.count_one : t.logs.count(String(count));
  await app.dialog().getByText(t.logs.export_count(number)).waitFor();
  await app.dialog().getByText(label).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    app.button(t.logs.export_start, app.dialog()).click(),
  ]);
  await app.dialog().waitFor({ state: "detached" });
  return { name: download.suggestedFilename(), text: await downloaded(download) };
}

/** Finds logs, opens one, takes them out. */
async function findAndExport(window, message, size) {
  const { app, page } = window;
  const { t } = app;
  await menu(window, t.shell.logs, "/app/logs");
  const word = message.split(" ")[0];
  await app.search(word);
  await app.rows(message).waitFor();
  const count = await app.rows().count();
  assert.equal(await app.rows(word).count(), count, "every row has the word");
  await app.rows(message).locator(".rowbtn").click();
  const drawer = page.locator("dialog.drawer");
  await drawer.getByText(message).first().waitFor();
  assert.match(page.url(), /[?&]id=\d+/, "the open log stands in the address");
  assert.equal(await drawer.evaluate((node) => node.matches(":modal")), size === PHONE, "a sheet on phones only");
  const id = new URL(page.url()).searchParams.get("id");
  await drawer.getByRole("button", { name: t.logs.raw }).click();
  assert.deepEqual(JSON.parse(await drawer.locator("pre.json").innerText()), { txt: message });
  await drawer.getByRole("button", { name: t.logs.close_detail }).click();
  await drawer.waitFor({ state: "hidden" });

  const csv = await exportAs(window, t.logs.export_csv, count);
  const rows = readCsv(csv.text);
  assert.match(csv.name, /\.csv$/);
  assert.equal(rows.length, count, "the file holds what the search found");
  assert.ok(rows.some((row) => row.id === id && row.message === message));
  assert.ok(rows.every((row) => row.data.includes(word) || row.message.includes(word)));
  const ndjson = await exportAs(window, t.logs.export_ndjson, count);
  const logs = ndjson.text.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(logs.map((log) => String(log.id)).sort(), rows.map((row) => row.id).sort(), "both files hold the same logs");
}

/** Creates a key, runs the line that the page shows in a shell; gives the key's name and the new log's number. */
async function keyAndShell(window, name, message) {
  const { app, page } = window;
  const { t } = app;
  await menu(window, t.shell.keys, "/app/sleutels");
  const clicks = [
    () => app.button(t.keys.create).first().click(),
    async () => {
      await page.fill("#key-name", name);
      await app.button(t.keys.form_submit, app.dialog()).click();
    },
    () => app.button(t.keys.sample_copy).click(),
  ];
  for (const click of clicks) await click();
  await app.toast(t.common.copied).waitFor();
  const line = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(line, await page.locator("#sample-code").innerText(), "what is copied is what is shown");
  assert.match(line, /^curl .*\n.*Authorization: Bearer mvai_live_/);
  assert.ok(line.includes(window.stage.base), "the line holds the real address");
  const own = line.replaceAll(t.keys.sample_text_log, message);
  assert.notEqual(own, line);
  return own;
}

/** Does what J1 says in one language, theme and size. */
async function whole(stage, { lang, theme, size }) {
  const window = await enter(stage, { lang, theme, size });
  const { app, page } = window;
  const { t } = app;
  const html = page.locator("html");
  assert.equal(await html.getAttribute("lang"), lang);
  assert.equal(await html.getAttribute("data-theme"), theme);

  const word = unique("pallet");
  await quickLog(window, `${word} naar dok 7, 4,2 °C`);
  await findAndExport(window, `${word} naar dok 7, 4,2 °C`, size);

  const name = unique("Magazijn ");
  const sent = `${word} via API`;
  const line = await keyAndShell(window, name, sent);
  await app.button(t.keys.secret_kept).click();

  // Somebody looks at the overview while the shell sends; nothing is loaded again.
  await menu(window, t.shell.overview, "/app");
  await page.getByText(t.overview.live, { exact: true }).waitFor();
  const total = await app.figure(t.overview.total);
  const { stdout } = await shell("/bin/sh", ["-c", line], { timeout: 20_000 });
  const answered = Date.now();
  assert.match(stdout, /"log_id":\s*\d+/, "the shell got an answer");
  await app.rows(sent).waitFor();
  const seconds = (Date.now() - answered) / 1_000;
  stage.note(`log of the shell on screen ${seconds.toFixed(2)} s after the answer`);
  assert.ok(seconds < 2, `shown within 2 s, took ${seconds} s`);
  await app.figureIs(t.overview.total, total + 1);

  await page.reload();
  await app.ready();
  assert.match(page.url(), /\/app$/, "a reload keeps the session");
  await app.rows(sent).waitFor();
  assert.equal(await html.getAttribute("lang"), lang);
  assert.equal(await html.getAttribute("data-theme"), theme);

  // The key goes again, by its typed name.
  await menu(window, t.shell.keys, "/app/sleutels");
  await page.getByRole("button", { name: t.keys.revoke_of(name) }).click();
  await page.fill("#revoke-name", name);
  await app.button(t.keys.revoke_submit, app.dialog()).click();
  await app.toast(t.keys.revoked(name)).waitFor();
  const refused = await shell("/bin/sh", ["-c", line], { timeout: 20_000 });
  assert.match(refused.stdout, /"code":\s*"\w+"/, "a revoked key is refused at once");
  assert.doesNotMatch(refused.stdout, /log_id/);

  await menu(window, t.shell.overview, "/app");
  await app.signOut();
  await page.getByText(t.login.ended_signed_out).waitFor();
  window.allow(/401 POST .*\/auth\/refresh/, /status of 401/);
  await page.goBack();
  await page.waitForURL(/login/);
  await app.ready();
  assert.equal(await page.getByText(word).count(), 0, "the back button shows nothing of the account");
  assert.equal((await page.content()).includes(largest(stage.seed).name), false);
}

// J1, LOG-02, LOG-12, ANA-08, SRCH-01, EXP-01, EXP-03, EXP-05: from the first log to the last, in Dutch on a desk.
// KEY-02, KEY-04, ACC-07, ACC-08, UI-07: with a key that is made, used in a shell and revoked, and a session that ends.
journey("a customer records, finds, exports and connects (nl, light, desktop)", (stage) =>
  whole(stage, { lang: "nl", theme: "light", size: DESKTOP }),
);

// J1, LOG-02, LOG-12, KEY-02, UI-01, UI-04, I18N-01: the same in English, dark, on a phone.
journey("a customer records, finds, exports and connects (en, dark, phone)", (stage) =>
  whole(stage, { lang: "en", theme: "dark", size: PHONE }),
);

// J2, UI-06, LOG-09: a search is an address: reload, back and a second window show the same.
journey("a search can be reloaded, gone back to and shared", async (stage) => {
  const window = await enter(stage, { lang: "nl" });
  const { app, page } = window;
  await app.go("/app/logs?q=rotterdam&tijd=30d");
  const shown = async () => ({
    query: await page.inputValue("#q"),
    range: await page.inputValue("#range"),
    chips: await page.locator(".chip .t").allInnerTexts(),
    first: await app.rows().first().getAttribute("data-row"),
  });
  const before = await shown();
  assert.equal(before.query, "rotterdam");
  assert.equal(before.range, "30d");
  assert.equal(before.chips.length, 2);
  await page.reload();
  await app.ready();
  assert.deepEqual(await shown(), before, "after a reload");

  await app.rows().first().locator(".rowbtn").click();
  await page.locator("#detail-title").waitFor();
  const drawer = page.locator("dialog.drawer");
  const kind = await app.rows().first().locator(".src").innerText();
  await drawer.getByRole("button", { name: TEXTS.nl.logs.only_kind(kind) }).click();
  await page.waitForURL(/kind|soort/);
  await app.settled();
  assert.match(await page.inputValue("#q"), /^rotterdam (kind|soort):/);
  const kinds = await app.rows().locator(".src").allInnerTexts();
  assert.ok(kinds.length > 0 && kinds.every((other) => other === kind), "clicking a value narrows to it");
  await page.goBack();
  await app.settled();
  await until("the former search is back", 5_000, async () => (await page.inputValue("#q")) === "rotterdam");

  const address = page.url();
  const other = await enter(stage, { lang: "nl" });
  await other.app.go(address);
  assert.equal(await other.page.inputValue("#q"), "rotterdam");
  assert.equal(await other.app.rows().first().getAttribute("data-row"), before.first);
});
