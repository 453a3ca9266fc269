// Requests of the own systems, who still uses a key that is being replaced, and how the product is used.
import assert from "node:assert/strict";

import { Api } from "./lib/api.mjs";
import { downloaded, newCustomer, readCsv } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";
import { until } from "./lib/wait.mjs";

/** A customer whose key was used: two logs, one that is not there. */
async function busy(stage) {
  const customer = await newCustomer(stage);
  const made = await customer.api.post("/keys", { name: "Magazijn" });
  const key = new Api(stage.base, made.api_key);
  await key.post("/logs", { kind: "rit", n: 1 });
  await key.post("/logs", { kind: "rit", n: 2 });
  assert.equal((await key.raw("GET", "/logs/4711")).status, 404);
  return { customer, made, key };
}

// API-13, ANA-17, UI-05: the latest requests are there at once, filters narrow them, and what is shown is a file.
const latest = (options) => async (stage) => {
  const { customer } = await busy(stage);
  const { app, page } = await stage.open(options);
  const { t } = app;
  // The figures above the list stand in tables of their own, which come when they come.
  const listed = page.locator("section[aria-labelledby=requests] tbody tr");
  await app.signIn(customer.code);
  await app.go("/app/sleutels");
  await app.link(t.requests.title).click();
  await app.arrived("**/app/sleutels/verzoeken");
  await until("three are listed", 5_000, async () => (await listed.count()) === 3);
  await listed.filter({ hasText: "log_not_found" }).getByText("Magazijn").waitFor();
  await page.selectOption("#status", "2xx");
  await page.waitForURL(/status=2xx/);
  await until("two are left", 5_000, async () => (await listed.count()) === 2);
  await page.reload();
  await app.ready();
  // Until they are there, rows without words hold their place.
  await until("two are listed again", 5_000, async () => (await listed.count()) === 2);
  const [file] = await Promise.all([page.waitForEvent("download"), app.button(t.charts.csv).last().click()]);
  const rows = readCsv(await downloaded(file));
  assert.deepEqual(rows.map((row) => row[t.common.status]), ["201", "201"]);
  await page.selectOption("#status", "5xx");
  await page.getByText(t.requests.no_match_title).waitFor();
  await app.button(t.admin.filter_clear).click();
  await until("all are back", 5_000, async () => (await listed.count()) === 3);
};
journey("the latest requests are listed and filtered", latest({ lang: "nl", size: DESKTOP }));
journey("the latest requests are listed and filtered on a phone", latest({ lang: "en", size: PHONE }));

// KEY-10: the owner sees who still uses the old key.
journey("the owner sees who still uses the old key", async (stage) => {
  const { customer, made, key } = await busy(stage);
  await customer.api.post(`/keys/${made.id}/rotate`, { overlap_hours: 24 });
  await key.raw("GET", "/me", undefined, { "user-agent": "oude-scanner/1.0" });
  await until("the use is written", 40_000, async () => (await customer.api.get(`/keys/${made.id}/uses`)).uses.length === 1);
  const { app } = await stage.open({ lang: "nl", size: DESKTOP });
  await app.signIn(customer.code);
  await app.go("/app/sleutels");
  await app.button(app.t.keys.uses_of("Magazijn")).click();
  await app.dialog().getByText("oude-scanner/1.0").waitFor();
  await app.dialog().getByText("GET /api/v1/me").waitFor();
  await app.dialog().getByText("127.0.0.1").waitFor();
}, { limit: 90_000 });

// ANA-12, ANA-19: staff sees people, systems and what customers did once it is written.
journey("staff sees how the product is used", async (stage) => {
  const { customer } = await busy(stage);
  const row = async () => (await customer.staff.get(`/admin/analytics/customers?q=${customer.id}`)).data.find(({ id }) => id === customer.id);
  await until("the activity is written", 40_000, async () => (await row()).api_calls === 3);
  const { app, page } = await stage.open({ lang: "nl", size: DESKTOP });
  await app.signInStaff(stage.seed.admin);
  await app.go("/admin/productcijfers");
  assert.ok((await app.figure(app.t.product.dau)) >= 1);
  assert.ok((await app.figure(app.t.product.systems)) >= 1);
  await page.getByText(app.t.product.too_few_days).waitFor();
  await page.locator("tr", { hasText: customer.name }).getByText(app.t.product.f_record).waitFor();
}, { limit: 90_000 });
