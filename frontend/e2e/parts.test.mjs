// Pages whose code comes when somebody goes there: what a first visit loads, what happens while a part is on its way,
// and what when it does not come.
import assert from "node:assert/strict";

import { largest } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { until } from "./lib/wait.mjs";

const PART = /\/(?!frontend-)([a-z]+)-[0-9a-f]{16}\.wasm$/;

/** The parts that a window asked for, each once. */
const parts = (window) => [...new Set(window.requests.map((line) => PART.exec(line)?.[1]).filter(Boolean))].sort();

async function enter(stage, options) {
  const window = await stage.open(options);
  await window.app.signIn(largest(stage.seed).access_code);
  return window;
}

const link = ({ app, page }, name) => page.locator("nav.side").getByRole("link", { name, exact: true });

// PERF-03: a first visit loads no page that it does not show; pointing at a link loads the part, once; the explorer
// comes by itself when the overview has come to rest.
test("a part is loaded when somebody is about to need it", async (stage) => {
  const window = await enter(stage);
  const { app, page } = window;
  const { t } = app;
  assert.deepEqual(parts(window), [], "signing in and the overview need no part");
  await link(window, t.shell.analytics).hover();
  await until("pointing loads the part", 3_000, () => parts(window).includes("analytics"));
  assert.deepEqual(parts(window), ["analytics", "common"]);
  await link(window, t.shell.keys).focus();
  await until("so does the keyboard", 3_000, () => parts(window).includes("keys"));
  await until("the explorer comes by itself", 8_000, () => parts(window).includes("logs"));
  await page.waitForTimeout(1_000);
  assert.deepEqual(parts(window), ["analytics", "common", "keys", "logs"], "nothing else does");
  await link(window, t.shell.analytics).click();
  await app.arrived("**/app/analyse");
  const asked = window.requests.filter((line) => PART.test(line));
  assert.equal(asked.length, new Set(asked).size, "each file was asked for once");

  // Staff load their own part, and no page of customers.
  const staff = await stage.open();
  await staff.app.signInStaff(stage.seed.admin);
  assert.deepEqual(parts(staff), ["common", "staff"]);
});

// UI-02: while a part is on its way the frame stays and grey lines stand in the page.
test("a slow part shows a skeleton in the frame", async (stage) => {
  const window = await enter(stage);
  const { app, page } = window;
  const { t } = app;
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/analytics-\w+\.wasm/, async (route) => {
    await held;
    await route.continue();
  });
  await page.evaluate(() => (window.sameDocument = true));
  await link(window, t.shell.analytics).click();
  await page.waitForURL("**/app/analyse");
  await page.locator('main .late[aria-busy="true"] .bone').first().waitFor();
  assert.equal(await link(window, t.shell.analytics).getAttribute("aria-current"), "page");
  release();
  await app.ready();
  assert.ok(await page.evaluate(() => window.sameDocument), "the page was not loaded again");
});

// UI-02, PERF-03: a part that does not come is an error with a way on: trying again shows the page, in the same document.
test("a part that does not come can be tried again", async (stage) => {
  const window = await enter(stage);
  window.allow(/request failed: net::ERR_FAILED .*\.wasm/, /ERR_FAILED/, /Failed to fetch/, /request failed: .*\/health/);
  const { app, page } = window;
  const { t } = app;
  const file = /\/analytics-\w+\.wasm/;
  const server = "**/api/v1/health";
  await page.route(file, (route) => route.abort("failed"));
  await page.route(server, (route) => route.abort("failed"));
  await page.evaluate(() => (window.sameDocument = true));
  await link(window, t.shell.analytics).click();
  const box = page.locator('main [role="alert"]', { has: app.button(t.common.retry) });
  await box.getByText(t.api.network_title).waitFor();
  await app.heading().getByText(t.api.network_title).waitFor();
  await link(window, t.shell.overview).waitFor();
  await app.button(t.common.retry).click();
  await box.getByText(t.api.network_title).waitFor();
  await page.unroute(file);
  await page.unroute(server);
  await app.button(t.common.retry).click();
  await app.heading().getByText(t.analytics.title, { exact: true }).waitFor();
  assert.equal(await box.count(), 0);
  assert.ok(await page.evaluate(() => window.sameDocument), "the page was not loaded again");
});

// UI-02, PERF-03: a server that has no such file has a newer version: that is said, and trying again gets that version.
test("after an update the app can be loaded anew", async (stage) => {
  const window = await enter(stage);
  window.allow(/answer: 404 GET .*\.wasm/, /status of 404/, /HTTP status code is not ok/);
  const { app, page } = window;
  const { t } = app;
  const file = /\/analytics-\w+\.wasm/;
  await page.route(file, (route) => route.fulfill({ status: 404, body: "" }));
  await page.evaluate(() => (window.sameDocument = true));
  await link(window, t.shell.analytics).click();
  const box = page.locator('main [role="alert"]', { has: app.button(t.common.retry) });
  await box.getByText(t.api.decode_detail).waitFor();
  await Promise.all([page.waitForEvent("load"), app.button(t.common.retry).click()]);
  await box.getByText(t.api.decode_detail).waitFor();
  assert.equal(await page.evaluate(() => window.sameDocument), undefined, "the document is a new one");
  // Now the files are there that the document names.
  await page.unroute(file);
  await app.button(t.common.retry).click();
  await app.heading().getByText(t.analytics.title, { exact: true }).waitFor();
  assert.match(page.url(), /\/app\/analyse$/);
});

// PERF-03, API-01: the files of parts may be kept for ever and are sent as what they are.
test("the files of parts are served as the others", async (stage) => {
  const window = await enter(stage);
  const { app } = window;
  await link(window, app.t.shell.keys).hover();
  await until("the part is asked for", 3_000, () => parts(window).length === 2);
  for (const line of window.requests.filter((line) => PART.test(line))) {
    const answer = await fetch(line.split(" ")[1]);
    assert.equal(answer.headers.get("content-type"), "application/wasm");
    assert.match(answer.headers.get("cache-control"), /immutable/);
  }
});
