// Two of the five journeys with a stopwatch: steps are counted, times are measured, and both are held against what
// the product promises. MVAI_JOURNEY_LOGS says how large the history of the second is (1,000,000 is what is promised).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { downloaded, largest, newCustomer } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { Server } from "./lib/server.mjs";
import { DESKTOP, Window } from "./lib/stage.mjs";
import { Person } from "./lib/stopwatch.mjs";
import { until } from "./lib/wait.mjs";

const OUTPUT = fileURLToPath(new URL("../../target/e2e/", import.meta.url));
const LOGS = Number(process.env.MVAI_JOURNEY_LOGS ?? 20_000);
const shell = promisify(execFile);

// J1, KEY-02, LOG-12, ANA-08: a new customer, with nothing but what the screen says: signs in, saves a log, makes a
// key, sends the second log from a shell and sees it appear. Under five minutes; from the key dialog to a working call
// in at most three clicks; no page is loaded anew.
journey("a new customer is live within five minutes", async (stage) => {
  const customer = await newCustomer(stage);
  const window = await stage.open({ lang: "nl", size: DESKTOP, permissions: ["clipboard-read", "clipboard-write"] });
  const { app, page } = window;
  const { t } = app;
  const person = new Person(page);
  await app.go("/");
  person.read(await page.locator("#app main").innerText());
  await person.click(page.locator("#app main").getByRole("link", { name: t.landing.sign_in }).first());
  await app.arrived("**/login");
  await person.click(page.locator("#code"));
  await person.type(customer.code);
  await person.press("Enter");
  await app.arrived("**/app");
  await page.evaluate(() => (window.sameDocument = true));
  person.read(await page.locator("main").innerText());

  await person.click(page.locator("#quick"));
  await person.type("De eerste pallet staat bij dok 3");
  await person.click(app.button(t.overview.quick_save));
  await app.rows("De eerste pallet").locator("a.rowbtn").waitFor();
  const first = person.seconds;

  await person.click(page.locator("nav.side").getByRole("link", { name: t.shell.keys, exact: true }));
  await app.arrived("**/app/sleutels");
  person.read(await page.locator("main").innerText());
  const before = person.clicks;
  await person.click(app.button(t.keys.create).first());
  await person.click(page.locator("#key-name"));
  const field = person.clicks;
  await person.type("Magazijn");
  await person.click(app.button(t.keys.form_submit, app.dialog()));
  await person.click(app.button(t.keys.sample_copy));
  // The field has the focus when the dialog opens; clicking it is what many do, and no step that is needed.
  const steps = person.clicks - before - (field - before - 1);
  const line = await page.evaluate(() => navigator.clipboard.readText());
  await person.click(app.button(t.keys.secret_kept).first());
  await person.click(page.locator("nav.side").getByRole("link", { name: t.shell.overview, exact: true }));
  await page.getByText(t.overview.live, { exact: true }).waitFor();
  // Another window, paste, Enter.
  person.thinking += 5;
  const { stdout } = await shell("/bin/sh", ["-c", line], { timeout: 20_000 });
  assert.match(stdout, /"log_id":\s*\d+/, "the line works as it was copied");
  const sent = Date.now();
  await app.figureIs(t.overview.total, 2);
  const shown = (Date.now() - sent) / 1_000;
  assert.ok(await page.evaluate(() => window.sameDocument), "no page was loaded anew");
  stage.note(`J1: first log after ${first.toFixed(0)} s; ${person.report()}; ${steps} clicks from the key dialog to the call; on screen ${shown.toFixed(2)} s after the answer`);
  assert.ok(person.seconds < 300, `under five minutes: ${person.seconds} s`);
  assert.ok(steps <= 3, `${steps} clicks`);
  assert.ok(shown < 2, `shown within 2 s, took ${shown} s`);
});

// J2, SRCH-01, SRCH-06, UI-06, EXP-01: one log in a large history: the first 50 results within 300 ms of the server,
// values narrow by a click, the address holds the query, and the file holds exactly what was found.
journey(
  "one log is found in a large history",
  async (stage) => {
    const log = path.join(OUTPUT, "server-large.log");
    const server = await Server.start({ log, seed: true, logs: LOGS, env: { RATELIMIT_ENABLED: "false" } });
    stage.after(() => server.stop());
    const place = { browser: stage.browser, base: server.base, seed: server.seed };
    const window = await Window.open(place, { lang: "nl", size: DESKTOP });
    stage.windows.push(window);
    const { app, page } = window;
    const { t } = app;
    const tenant = largest(server.seed);
    await app.signIn(tenant.access_code);

    // What the server takes, as the browser sees it: from the request to the first byte, over loopback.
    const served = [];
    page.on("response", async (answer) => {
      if (!/\/api\/v1\/logs\?/.test(answer.url())) return;
      await answer.finished();
      const { requestStart, responseStart } = answer.request().timing();
      served.push({ url: answer.url(), ms: responseStart - requestStart });
    });
    const last = async () => {
      await until("the search was timed", 5_000, () => served.length > 0);
      return served.at(-1).ms;
    };
    const person = new Person(page);
    await person.click(page.locator("nav.side").getByRole("link", { name: t.shell.logs, exact: true }));
    await app.arrived("**/app/logs");
    const newest = await last();
    assert.equal(await app.rows().count(), 50);

    await person.click(page.locator("#q"));
    const search = async (query) => {
      served.length = 0;
      const started = Date.now();
      await page.fill("#q", "");
      await person.type(query);
      await person.press("Enter");
      await until("the address holds the query", 10_000, () => new URL(page.url()).searchParams.get("q") === query);
      await app.settled();
      return { server: await last(), screen: Date.now() - started };
    };
    const word = await search("rotterdam");
    // The first rows are there at once, the others a few at a time.
    await app.rows().nth(49).waitFor();
    assert.equal(await app.rows().count(), 50);

    served.length = 0;
    // One of the kinds on screen that is frequent enough to be counted beside the list.
    const facet = (kind) => page.locator("section.facets").getByRole("button", { name: t.logs.only_value(kind), exact: true });
    let kind;
    for (const shown of new Set(await app.rows().locator(".src").allInnerTexts())) {
      if (kind === undefined && (await facet(shown).count()) === 1) kind = shown;
    }
    assert.ok(kind, "a kind on screen is counted beside the list");
    await person.click(facet(kind));
    await page.waitForURL(/kind|soort/);
    await app.settled();
    const narrowed = await last();
    const kinds = await app.rows().locator(".src").allInnerTexts();
    assert.ok(kinds.length > 0 && kinds.every((other) => other === kind), "a click narrows to the value");

    const address = page.url();
    const row = await app.rows().first().getAttribute("data-row");
    await person.click(app.rows().first().locator(".rowbtn"));
    await page.locator("#detail-title").waitFor();
    const found = { steps: person.clicks, report: person.report() };

    const other = await window.context.newPage();
    await other.goto(address);
    await until("the address alone shows the same", 10_000, async () => {
      return (await other.locator("table.data tbody tr").first().getAttribute("data-row").catch(() => "")) === row;
    });
    await other.close();

    const exporting = page.getByRole("button", { name: new RegExp(`^${t.logs.export}`) });
    const total = await exporting.locator(".num").innerText();
    const shown = Number(total.replace(/\D/g, ""));
    const before = person.clicks;
    const [file] = await Promise.all([
      page.waitForEvent("download"),
      person.click(exporting),
    ]);
    const clicks = person.clicks - before;
    const [header, ...lines] = (await downloaded(file)).trim().split("\r\n");
    const column = header.split(",").indexOf("kind");
    assert.ok(total === "" ? lines.length > 10_000 : lines.length === shown, `${lines.length} logs in the file, ${total} on the button`);
    assert.ok(lines.every((line) => line.split(",")[column] === kind), "and nothing else");
    const ms = (value) => `${value.toFixed(0)} ms`;
    stage.note(`J2 at ${tenant.logs} logs of one customer: newest 50 ${ms(newest)}, a word ${ms(word.server)}, narrowed ${ms(narrowed)} (server); on screen after ${word.screen} ms with typing`);
    stage.note(`J2: found with ${found.report}; exported ${lines.length} logs with ${clicks} click(s)`);
    for (const time of [newest, word.server, narrowed]) assert.ok(time < 300, `the first 50 within 300 ms, took ${time}`);
    assert.ok(found.steps <= 4, `${found.steps} clicks to the log`);
    assert.equal(clicks, 1, "one click to the file");
  },
  { limit: 600_000 },
);
