// What pages show when there is nothing, nothing yet, something wrong, or no connection.
import assert from "node:assert/strict";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { Api } from "./lib/api.mjs";
import { largest, newCustomer, unique } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { Server } from "./lib/server.mjs";
import { Stage } from "./lib/stage.mjs";
import { until } from "./lib/wait.mjs";

const OUTPUT = fileURLToPath(new URL("../../target/e2e/", import.meta.url));

async function enter(stage, code, options) {
  const window = await stage.open(options);
  await window.app.signIn(code);
  return window;
}

// UI-02, ANA-01, LOG-02: a customer without logs is shown the first steps, and the first log changes the page.
test("an empty account shows how to begin", async (stage) => {
  const customer = await newCustomer(stage);
  const { app, page } = await enter(stage, customer.code);
  const { t } = app;
  await page.getByText(t.overview.start_title).waitFor();
  for (const label of [t.overview.today, t.overview.week, t.overview.total]) assert.equal(await app.figure(label), 0);
  assert.doesNotMatch(await page.locator("main").innerText(), /NaN|undefined|null/);

  await app.go("/app/logs");
  await page.getByText(t.logs.empty_title).waitFor();
  await app.link(t.logs.to_overview).waitFor();
  await app.go("/app/sleutels");
  await page.getByText(t.keys.empty_title).waitFor();
  const line = await page.locator("pre.json").innerText();
  assert.ok(line.includes(stage.base) && line.includes(t.keys.placeholder), "an example with the own address");

  await app.go("/app");
  await page.fill("#quick", "de eerste");
  await app.button(t.overview.quick_save).click();
  await app.rows("de eerste").locator("a.rowbtn").waitFor();
  await app.figureIs(t.overview.total, 1);
  await page.locator(".plot path.area").waitFor();
  assert.equal(await page.getByText(t.overview.start_title).count(), 0);
});

// SRCH-08, UI-02: nothing found: the page offers to drop a condition, and the focus is in the box.
test("no hits offer a way out", async (stage) => {
  const { app, page } = await enter(stage, largest(stage.seed).access_code);
  const { t } = app;
  await app.go("/app/logs?q=bestaatnergens");
  await page.getByText(t.logs.none_title).waitFor();
  await app.button(t.logs.remove_last).click();
  await app.rows().first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get("q"), null);
  await until("the box has the focus", 3_000, () => page.evaluate(() => document.activeElement.id === "q"));
});

// SRCH-07, SRCH-01: a query that cannot be read names its place; address and results stay.
test("a query that cannot be read keeps the last results", async (stage) => {
  const { app, page } = await enter(stage, largest(stage.seed).access_code);
  await app.go("/app/logs?q=rotterdam");
  // The first rows are there at once, the others a few at a time.
  await app.rows().nth(49).waitFor();
  const before = await app.rows().evaluateAll((rows) => rows.map((row) => row.dataset.row));
  assert.ok(before.length > 0);
  const address = page.url();
  for (const [query, marked, words] of [
    ["niveau:onzin", "onzin", /teken 8|onzin/],
    ['dok "3', '"3', /teken 5/],
    ["dok )", ")", /teken 5/],
  ]) {
    await page.fill("#q", query);
    await page.press("#q", "Enter");
    await page.locator("#q[aria-invalid=true]").waitFor();
    const error = await page.locator("#q-error").innerText();
    assert.match(error, words);
    const selected = await page.$eval("#q", (box) => box.value.slice(box.selectionStart, box.selectionEnd));
    assert.ok(selected.includes(marked) || marked.includes(selected), `'${selected}' is marked in ${query}`);
    assert.equal(page.url(), address);
    assert.deepEqual(await app.rows().evaluateAll((rows) => rows.map((row) => row.dataset.row)), before);
    assert.equal(await page.inputValue("#q"), query, "what was typed stays");
  }
  await app.search("niveau:waarschuwing OF venlo");
  assert.notDeepEqual(await app.rows().evaluateAll((rows) => rows.map((row) => row.dataset.row)), before);
  assert.equal(await page.locator("#q[aria-invalid=true]").count(), 0);

  await app.go("/app/logs?q=niveau:onzin");
  assert.match(await page.locator("#q-error").innerText(), /./, "also when a link brings it");
});

// UI-02, GEN-04: a failure says what to do and names the request; trying again works; the rest of the page does too.
test("a failure can be tried again", async (stage) => {
  const window = await enter(stage, largest(stage.seed).access_code);
  window.allow(/request failed: net::ERR_FAILED .*\/analytics\/overview/, /ERR_FAILED/, /answer: 500 /, /status of 500/);
  const { app, page } = window;
  const { t } = app;
  const address = "**/api/v1/analytics/overview*";
  await page.route(address, (route) => route.abort("failed"));
  await page.goto("/app");
  const box = page.locator('main [role="alert"]', { has: app.button(t.common.retry) });
  await box.getByText(t.api.network_title).waitFor();
  await page.locator("#quick").waitFor();
  await page.unroute(address);

  const texts = { title: "Er ging iets mis", error: "Er ging iets mis", detail: "Probeer het opnieuw.", message: "Probeer het opnieuw." };
  const problem = { type: "about:blank", status: 500, instance: "/api/v1", code: "internal", request_id: "0123456789abcdef", ...texts };
  const answer = { status: 500, contentType: "application/problem+json", body: JSON.stringify(problem) };
  await page.route(address, (route) => route.fulfill(answer));
  await app.button(t.common.retry).click();
  await box.getByText(problem.request_id).waitFor();
  await page.unroute(address);
  await app.button(t.common.retry).click();
  await app.ready();
  await page.locator(".kpi").first().waitFor();
  assert.equal(await box.count(), 0);
});

// UI-02: while data is on its way, grey shapes of the same size stand there; nothing jumps when it comes.
test("a slow answer shows a skeleton that keeps the layout", async (stage) => {
  for (const width of [390, 1000, 1440]) {
    const { app, page } = await enter(stage, largest(stage.seed).access_code, { size: { width, height: 900 } });
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/api/v1/analytics/overview*", async (route) => {
      await held;
      await route.continue();
    });
    await page.goto("/app");
    await page.locator('main .late[aria-busy="true"]').first().waitFor();
    await page.locator("#quick").waitFor();
    await page.evaluate(() => {
      window.shifts = 0;
      const add = (list) => list.getEntries().forEach((entry) => (window.shifts += entry.hadRecentInput ? 0 : entry.value));
      new PerformanceObserver(add).observe({ type: "layout-shift" });
    });
    const quick = await page.locator("#quick").boundingBox();
    release();
    await app.ready();
    const shifts = await page.evaluate(() => window.shifts);
    const after = await page.locator("#quick").boundingBox();
    stage.note(`${width} px: layout shift when the data comes: ${shifts.toFixed(4)}, quick log moves ${Math.abs(after.y - quick.y).toFixed(0)} px`);
    assert.ok(shifts < 0.02, `CLS ${shifts}`);
    assert.ok(Math.abs(after.y - quick.y) <= 4, `${width} px: the quick log moves ${after.y - quick.y} px`);
  }
});

// LOG-02, LOG-08: a quick log whose answer was lost is stored once, however often it is sent.
test("a quick log with a lost answer is stored once", async (stage) => {
  const customer = await newCustomer(stage);
  const window = await enter(stage, customer.code);
  window.allow(/ERR_FAILED/, /request failed/);
  const { app, page } = window;
  const { t } = app;
  const keys = [];
  let lost = false;
  await page.route("**/api/v1/logs", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    keys.push(route.request().headers()["idempotency-key"]);
    if (lost) return route.continue();
    lost = true;
    await route.fetch();
    return route.abort("failed");
  });
  await page.fill("#quick", "een keer");
  await page.press("#quick", "Control+Enter");
  await page.getByText(t.overview.quick_failed, { exact: true }).waitFor();
  await app.button(t.overview.quick_again).click();
  await page.getByText(t.overview.quick_failed, { exact: true }).waitFor({ state: "detached" });
  await app.rows("een keer").locator("a.rowbtn").waitFor();
  assert.equal((await customer.api.get("/logs")).logs.length, 1, "stored once");
  await page.fill("#quick", "een keer");
  await page.press("#quick", "Control+Enter");
  await until("the same words again are a log of their own", 5_000, async () => (await customer.api.get("/logs")).logs.length === 2);
  assert.equal(keys[0], keys[1], "the same form has the same key");
  assert.notEqual(keys[1], keys[2], "a new form has a new one");
});

// UI-02, LOG-02: without a connection the page says so; a quick log is kept and can be sent again, once.
test("nothing typed is lost without a connection", async (stage) => {
  const customer = await newCustomer(stage);
  const window = await enter(stage, customer.code);
  window.allow(/ERR_INTERNET_DISCONNECTED/, /ERR_NETWORK_CHANGED/);
  const { app, page } = window;
  const { t } = app;
  await page.fill("#quick", "een concept");
  await page.reload();
  await app.ready();
  assert.equal(await page.inputValue("#quick"), "een concept", "a draft survives a reload");
  assert.equal((await customer.api.get("/logs")).logs.length, 0, "typing never saves");

  await window.context.setOffline(true);
  await page.getByText(t.shell.offline).waitFor();
  await page.press("#quick", "Control+Enter");
  await page.getByText(t.overview.quick_failed, { exact: true }).waitFor();
  await page.getByText("een concept").first().waitFor();
  await window.context.setOffline(false);
  await page.getByText(t.shell.offline).waitFor({ state: "detached" });
  await app.button(t.overview.quick_again).click();
  await app.rows("een concept").locator("a.rowbtn").waitFor();
  assert.equal((await customer.api.get("/logs")).logs.length, 1, "saved once");
});

// ACC-07, ACC-08, UI-06: a session that was ended leads to the sign-in page with the reason, and back afterwards.
test("an ended session leads to signing in and back", async (stage) => {
  const customer = await newCustomer(stage);
  await customer.api.post("/logs", { txt: "bekend" });
  const window = await enter(stage, customer.code);
  window.allow(/answer: 401 /, /status of 401/);
  const { app, page } = window;
  const { t } = app;
  await app.go("/app/logs?q=bekend&tijd=30d");
  // The owner replaces the code elsewhere, which ends all sessions of the old one.
  const { access_code: code } = await customer.api.post("/access-code/rotate", { overlap_hours: 0 });
  await page.fill("#q", "onbekend");
  await page.press("#q", "Enter");
  await page.waitForURL(/\/login\?/);
  await app.ready();
  await page.getByText(t.login.ended_code).waitFor();
  const { searchParams } = new URL(page.url());
  assert.equal(searchParams.get("reden"), "nieuwe-code");
  assert.equal(searchParams.get("next"), "/app/logs?q=onbekend&tijd=30d");
  await page.fill("#code", code);
  await page.press("#code", "Enter");
  await page.waitForURL(/\/app\/logs\?q=onbekend&tijd=30d/);

  // Somebody who was never signed in is asked to, without a reproach; foreign addresses are not returned to.
  const other = await stage.open();
  other.allow(/answer: 401 POST .*\/auth\/refresh/, /status of 401/);
  await other.page.goto("/app/sleutels");
  await other.page.waitForURL(/\/login\?next=%2Fapp%2Fsleutels$/);
  await other.page.getByText(t.login.asked).waitFor();
  await other.app.signIn(code, { address: "/login?next=https%3A%2F%2Fevil.example%2F" });
});

// ACC-03, ACC-05, UI-03: wrong and unknown codes get one sentence; it is read out, and the field has the focus.
test("a wrong code gets one and the same sentence", async (stage) => {
  const window = await stage.open();
  window.allow(/answer: 4\d\d POST .*\/auth\/login/, /status of 4(01|22)/);
  const { app, page } = window;
  const { t } = app;
  await app.go("/login");
  assert.equal(await page.getAttribute("#code", "type"), "password");
  assert.equal(await page.getAttribute("#code", "autocomplete"), "current-password");
  await app.button(t.login.show_code).click();
  assert.equal(await page.getAttribute("#code", "type"), "text");
  for (const code of ["MVAI-00000-00000-00000-00000-00000-0", "onzin"]) {
    await page.fill("#code", code);
    await page.press("#code", "Enter");
    await page.locator('[role="alert"]', { hasText: t.login.wrong_code }).waitFor();
    await until("the field has the focus", 3_000, () => page.evaluate(() => document.activeElement.id === "code"));
    assert.equal(await page.inputValue("#code"), code, "what was typed stays");
  }
  // Case, spaces and hyphens do not matter.
  const code = largest(stage.seed).access_code;
  await page.fill("#code", ` ${code.toLowerCase().replaceAll("-", " ")} `);
  await page.press("#code", "Enter");
  await app.arrived("**/app");

  const staff = await stage.open();
  staff.allow(/answer: 401 POST .*\/auth\/login/, /status of 401/);
  for (const username of ["admin", "niemand"]) {
    await staff.app.signInStaff({ username, password: "dit is het echt niet" }, { arrive: null });
    await staff.page.locator('[role="alert"]', { hasText: t.login.wrong_password }).waitFor();
  }
});

// ACC-10, UI-02: too many attempts: the page says how long to wait. On a server of its own, with the limit on.
test("too many attempts name the wait", async (stage) => {
  const server = await Server.start({ log: path.join(OUTPUT, "server-limit.log") });
  const own = new Stage({ browser: stage.browser, server, entry: stage.entry });
  stage.after(async () => {
    await own.close();
    await server.stop();
  });
  const window = await own.open();
  stage.windows.push(window);
  window.allow(/answer: 4(01|29) POST .*\/auth\/login/, /status of 4(01|29)/);
  const { app, page } = window;
  await app.go("/login");
  const limited = async () => (await new Api(server.base).raw("POST", "/auth/login", { access_code: "MVAI-NIETS" })).status === 429;
  await until("the server refuses further attempts", 20_000, limited);
  await page.fill("#code", "MVAI-NIETS");
  // The limit lets one attempt through every other second; the page tells the wait once it is hit.
  await until("the page names the wait", 10_000, async () => {
    await limited();
    await page.press("#code", "Enter");
    await page.locator('[role="alert"] .gate-error').waitFor();
    return /\d+ (seconde|minu)/.test(await page.locator('[role="alert"] .gate-error').innerText());
  });
  assert.match(await page.locator('[role="alert"] .gate-error').innerText(), /Te veel pogingen/);
});

// PUB-09, LOG-09: what does not exist has the status 404, says so and offers a way on.
test("what does not exist says so", async (stage) => {
  const window = await enter(stage, largest(stage.seed).access_code);
  window.allow(/answer: 404 GET /, /status of 404/);
  const { app, page } = window;
  const { t } = app;
  for (const [address, status] of [["/geen-pagina", 404], ["/app/geen-pagina", 404], ["/app/logs/99999999", 200], ["/app/logs/abc", 200]]) {
    const answer = await app.go(address);
    assert.equal(answer.status(), status, address);
    await app.heading().getByText(t.errors.not_found_title).waitFor();
  }
  await app.link(t.errors.to_start).click();
  await app.arrived("**/app");
  const unknown = await page.request.get("/api/v1/bestaat-niet", { headers: { accept: "text/html" } });
  assert.equal(unknown.headers()["content-type"], "application/problem+json", "the API never answers with a page");
});

// LOG-12, UI-07: the live view keeps new rows behind a pill, and only those that match the search.
test("the live view waits behind a pill", async (stage) => {
  const customer = await newCustomer(stage);
  const word = unique("kraan");
  await customer.api.post("/logs", { txt: `${word} oud` });
  const { app, page } = await enter(stage, customer.code);
  const { t } = app;
  await app.go(`/app/logs?q=${word}`);
  await app.button(t.logs.live).click();
  await page.getByText(t.overview.live, { exact: true }).waitFor();
  await customer.api.post("/logs", { txt: "iets anders" });
  for (const name of ["een", "twee"]) await customer.api.post("/logs", { txt: `${word} ${name}` });
  await app.button(t.logs.pill("2")).waitFor();
  assert.equal(await app.rows().count(), 1, "no row moves by itself");
  await app.button(t.logs.pill("2")).click();
  await until("the rows are there, newest first", 5_000, async () => (await app.rows().count()) === 3);
  assert.match(await app.rows().first().innerText(), new RegExp(`${word} twee`));
  await until("the focus is on the first new row", 3_000, async () => (await app.focused()).includes("rowbtn"));
  await app.button(t.logs.live).click();
  await customer.api.post("/logs", { txt: `${word} drie` });
  await page.getByText(t.overview.live, { exact: true }).waitFor({ state: "detached" });
  assert.equal(await app.rows().count(), 3, "a paused view stays");
});
