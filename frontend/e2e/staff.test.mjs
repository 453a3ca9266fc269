// What staff do, and what their customers see of it.
import assert from "node:assert/strict";

import { Api } from "./lib/api.mjs";
import { downloaded, newCustomer, staffApi, unique } from "./lib/data.mjs";
import { journey, test } from "./lib/runner.mjs";
import { until } from "./lib/wait.mjs";

const REFUSED = [/answer: 40[13] /, /status of 40[13]/];

async function enterAsStaff(stage, options) {
  const window = await stage.open({ permissions: ["clipboard-read", "clipboard-write"], ...options });
  await window.app.signInStaff(stage.seed.admin);
  return window;
}

// ADM-04, ACC-04, ACC-05, ACC-11, ADM-01, UI-05: staff make a customer; its code is shown once and works at once.
journey("staff create a customer who signs in with the code", async (stage) => {
  const { app, page } = await enterAsStaff(stage);
  const { t } = app;
  await app.heading().getByText(t.admin.overview_title, { exact: true }).waitFor();
  const customers = await app.figure(t.admin.kpi_customers);
  await app.link(t.admin.new_customer).click();
  await app.arrived("**/admin/klanten/nieuw");

  // Faults stand at their fields and in a summary that takes the focus.
  await app.button(t.admin.create_submit).click();
  const summary = page.locator(".summary:not([hidden])");
  await summary.waitFor();
  assert.equal(await summary.locator("a").count(), 2);
  await until("the summary has the focus", 2_000, () => summary.evaluate((node) => node === document.activeElement));
  await summary.locator("a").first().click();
  assert.equal(await page.evaluate(() => document.activeElement.id), "c-name");
  assert.equal(await page.getAttribute("#c-name", "aria-invalid"), "true");

  const name = unique("Nieuwe klant ");
  await page.fill("#c-name", name);
  await page.fill("#c-email", "inkoop@nieuw.example");
  await page.selectOption("#c-plan", "starter");
  await page.selectOption("#c-language", "en");
  await app.button(t.admin.create_submit).click();
  await app.heading().getByText(t.admin.created_title(name)).waitFor();
  const code = (await page.locator(".secret-value").innerText()).trim();
  assert.match(code, /^MVAI-[0-9A-Z-]{26,40}$/);
  await app.button(t.account.code_copy).click();
  await app.toast(t.common.copied).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), code);

  // The customer comes in beside; the profile's language is that of the form.
  const other = await stage.open({ lang: "en", stored: false });
  await other.app.signIn(code);
  assert.equal(await other.page.locator("html").getAttribute("lang"), "en");
  await other.page.getByText(other.app.t.overview.start_title).waitFor();
  assert.match(await other.page.title(), new RegExp(`^${other.app.t.overview.title} · ${name} · MVAI Connexx$`));

  // A reload loses the code for good, as announced.
  await page.reload();
  await app.ready();
  assert.equal((await page.content()).includes(code), false);
  await page.locator("nav.side").getByRole("link", { name: t.shell.customers }).click();
  await app.arrived("**/admin/klanten");
  await page.fill("#q", name);
  await page.waitForURL(/[?&]q=/);
  await until("only the customer is listed", 5_000, async () => (await app.rows().count()) === 1);
  assert.equal(await app.rows(name).count(), 1);
  await app.rows(name).getByRole("link").first().click();
  await app.arrived("**/admin/klanten/*");
  assert.equal((await page.content()).includes(code), false, "the code is never shown again");
  await app.go("/admin");
  assert.equal(await app.figure(t.admin.kpi_customers), customers + 1);

  // The same name again is refused at its field.
  await app.go("/admin/klanten/nieuw");
  await page.fill("#c-name", name.toUpperCase());
  await page.fill("#c-email", "inkoop@nieuw.example");
  stage.windows[0].allow(/answer: 409 POST .*\/admin\/customers$/, /status of 409/);
  await app.button(t.admin.create_submit).click();
  await summary.waitFor();
  assert.equal(await page.getAttribute("#c-name", "aria-invalid"), "true");
});

// ACC-08, ACC-11, KEY-06, UI-02, UI-05, UI-07: a suspended customer is out within two seconds, its keys too; undoing works.
journey("staff suspend a customer and undo it", async (stage) => {
  const customer = await newCustomer(stage);
  const { api_key: key } = await customer.api.post("/keys", { name: "Poort" });
  await customer.api.post("/logs", { txt: "eerste log" });
  const keyed = new Api(stage.base, key);
  assert.equal((await keyed.raw("GET", "/logs")).status, 200);

  const theirs = await stage.open();
  theirs.allow(...REFUSED);
  await theirs.app.signIn(customer.code);
  await theirs.page.getByText(theirs.app.t.overview.live, { exact: true }).waitFor();

  const { app, page } = await enterAsStaff(stage);
  const { t } = app;
  await app.go(`/admin/klanten/${customer.id}`);
  await app.button(t.admin.suspend).click();
  const dialog = app.dialog();
  await dialog.getByText(t.admin.suspend_effect).waitFor();
  await app.button(t.admin.suspend_submit, dialog).click();
  assert.equal(await page.getAttribute("#suspend-reason", "aria-invalid"), "true", "a reason is required");
  await page.fill("#suspend-reason", "factuur 2026-014 is niet betaald");
  await app.button(t.admin.suspend_submit, dialog).click();
  await page.locator(".toast").waitFor();
  const from = Date.now();
  await theirs.page.waitForURL(/\/login\?.*reden=opgeschort/, { timeout: 5_000 });
  const seconds = (Date.now() - from) / 1_000;
  stage.note(`the customer's open page shows it after ${seconds.toFixed(2)} s`);
  assert.ok(seconds < 2, `within 2 s, took ${seconds} s`);
  await theirs.page.getByText(theirs.app.t.login.ended_suspended).waitFor();
  assert.equal((await theirs.page.content()).includes("eerste log"), false);
  assert.equal((await keyed.raw("GET", "/logs")).status, 403, "the key is refused at once");
  await page.locator(".banner", { hasText: "factuur 2026-014" }).waitFor();
  await page.locator(".ph").getByText(t.names.status_suspended, { exact: true }).waitFor();

  // The owner may still come in, sees why, and takes the data along; nothing else is open.
  await theirs.app.signIn(customer.code, { address: "/login?next=/app/account", arrive: "**/app/account" });
  await theirs.page.locator(".banner", { hasText: "factuur 2026-014" }).waitFor();
  const [download] = await Promise.all([
    theirs.page.waitForEvent("download"),
    theirs.app.button(theirs.app.t.account.export).click(),
  ]);
  assert.match(await downloaded(download), /eerste log/);
  await theirs.app.go("/app/logs");
  assert.equal((await theirs.page.content()).includes("eerste log"), false);

  await app.button(t.admin.reactivate).click();
  await app.button(t.admin.reactivate_submit, dialog).click();
  await app.button(t.admin.suspend).waitFor();
  assert.equal((await keyed.raw("GET", "/logs")).status, 200, "the key works again");
  await theirs.app.go("/app");
  await theirs.app.rows("eerste log").waitFor();
});

// ADM-07, UI-06: staff find a log among those of all customers, narrow to its customer, go on to the next
// page, take the logs out, and find everything from one box; a query that cannot be read stays in the box with its fault.
test("staff look across customers", async (stage) => {
  const customer = await newCustomer(stage);
  const word = unique("kraan");
  const lines = Array.from({ length: 60 }, (_, n) => ({ type: "scan", message: `${word} tilt ${n}` }));
  await customer.api.post("/logs/batch", { logs: lines });
  const { app, page } = await enterAsStaff(stage);
  const { t } = app;
  await page.locator("nav.side").getByRole("link", { name: t.shell.logs, exact: true }).click();
  await app.arrived("**/admin/logs");
  await app.rows().first().waitFor();
  await page.fill("#q", "level:waring");
  await app.button(t.logs.search).click();
  await page.locator("#q-error:not([hidden])").waitFor();
  assert.ok((await app.rows().count()) > 0, "what was found before stays");
  await page.fill("#q", word);
  await app.button(t.logs.search).click();
  await page.waitForURL(/[?&]q=kraan/);
  await until("a page of its logs is shown", 5_000, async () => (await app.rows(word).count()) === 50 && (await app.rows().count()) === 50);
  await app.button(t.across.more).click();
  await until("the rest follows", 5_000, async () => (await app.rows(word).count()) === 60);
  await app.rows("tilt 59").locator("summary").click();
  await app.rows("tilt 59").locator("pre", { hasText: `"message":"${word} tilt 59"` }).waitFor();
  await page.fill("#customer", customer.name);
  await app.button(t.logs.search).click();
  await page.waitForURL(new RegExp(`customer=${customer.id}`));
  await page.locator(".chip", { hasText: customer.name }).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), app.button("CSV").click()]);
  const csv = await downloaded(download);
  assert.equal(csv.trimEnd().split("\r\n").length, 61);
  assert.ok(csv.startsWith("customer,customer_id,id,") && csv.includes(customer.name));
  await page.locator(".chip", { hasText: customer.name }).click();
  await until("the filter is gone", 5_000, async () => !page.url().includes("customer="));
  await page.fill("#customer", unique("niemand"));
  await app.button(t.logs.search).click();
  await page.getByText(t.across.customer_unknown).waitFor();

  const seen = await customer.api.get("/audit?action=logs");
  assert.deepEqual(seen.data.map(({ action }) => action).sort(), ["logs.export", "logs.search"], "the owner sees who looked");

  await page.keyboard.press("Control+k");
  await app.dialog().getByRole("combobox").waitFor();
  await page.keyboard.type(word);
  await app.dialog().getByRole("option", { name: t.shell.search_for(word) }).click();
  await app.arrived("**/admin/zoeken*");
  await page.locator(".finds a", { hasText: `${word} tilt` }).first().click();
  await app.arrived("**/admin/logs*");
  await until("the log alone is shown", 5_000, async () => (await app.rows().count()) === 1);
  await app.go("/admin/zoeken");
  await page.fill("#q", customer.name);
  await app.button(t.logs.search).click();
  await page.locator(".finds a", { hasText: customer.name }).first().click();
  await app.arrived(`**/admin/klanten/${customer.id}`);
});

// GEN-09, UI-05: two members of staff change the same customer; nobody overwrites the other without knowing.
test("a change that comes too late shows both versions", async (stage) => {
  const customer = await newCustomer(stage, { company_info: "begin" });
  const window = await enterAsStaff(stage);
  window.allow(/answer: 412 PATCH /, /status of 412/);
  const { app, page } = window;
  const { t } = app;
  await app.go(`/admin/klanten/${customer.id}`);
  await app.button(t.admin.edit).click();
  await page.fill("#c-info", "mijn tekst");

  const staff = await staffApi(stage);
  const path = `/admin/customers/${customer.id}`;
  const etag = (await staff.raw("GET", path)).headers.get("etag");
  await staff.patch(path, { contact_email: "anders@klant.example" }, { "if-match": etag });

  await app.button(t.common.save, app.dialog()).click();
  const notice = app.dialog().locator('.summary[role="alert"]', { hasText: t.admin.conflict_title });
  await notice.getByText(t.admin.conflict_now(t.admin.contact, "anders@klant.example")).waitFor();
  assert.equal(await page.inputValue("#c-info"), "mijn tekst", "what was typed stays");
  await app.button(t.admin.conflict_mine, notice).click();
  await app.dialog().waitFor({ state: "detached" });
  const now = await staff.get(path);
  assert.equal(now.company_info, "mijn tekst");
  assert.equal(now.contact_email, "anders@klant.example", "the other change is kept");

  await app.button(t.admin.edit).click();
  await page.fill("#c-info", "weer anders");
  const second = (await staff.raw("GET", path)).headers.get("etag");
  await staff.patch(path, { company_info: "van een collega" }, { "if-match": second });
  await app.button(t.common.save, app.dialog()).click();
  await app.button(t.admin.conflict_theirs, app.dialog()).click();
  assert.equal(await page.inputValue("#c-info"), "van een collega");
  await page.keyboard.press("Escape");
  assert.equal((await staff.get(path)).company_info, "van een collega");
});

// ACC-04, ADM-03: staff replace the access code; the old one and its session end.
test("a replaced access code ends the old one", async (stage) => {
  const customer = await newCustomer(stage);
  const { app, page } = await enterAsStaff(stage);
  const { t } = app;
  await app.go(`/admin/klanten/${customer.id}`);
  await app.button(t.admin.rotate_code).click();
  await page.selectOption("#code-overlap", "0");
  await app.button(t.account.code_rotate, app.dialog()).click();
  await app.dialog().getByText(t.account.code_confirm_missing).first().waitFor();
  await page.check("#code-confirm");
  await app.button(t.account.code_rotate, app.dialog()).click();
  const code = (await page.locator(".secret-value").innerText()).trim();
  assert.notEqual(code, customer.code);
  await app.button(t.account.code_kept).click();
  await page.locator(".secret").waitFor({ state: "detached" });
  assert.equal((await page.content()).includes(code), false);
  const answer = await new Api(stage.base).raw("POST", "/auth/login", { access_code: customer.code });
  assert.equal(answer.status, 401);
  assert.equal((await customer.api.raw("GET", "/logs")).status, 401, "the session of the old code is over");
  assert.ok(await Api.signIn(stage.base, { access_code: code }));
});

// ACC-02, UI-02: each portal is closed to the people of the other one, with a way back to their own.
test("a portal is closed to the people of the other", async (stage) => {
  const customer = await newCustomer(stage);
  const theirs = await stage.open();
  await theirs.app.signIn(customer.code);
  await theirs.app.go("/admin/klanten");
  await theirs.app.heading().getByText(theirs.app.t.errors.forbidden_title).waitFor();
  assert.equal(await theirs.page.locator("#app").getByText(stage.seed.customers[0].name).count(), 0);
  await theirs.app.link(theirs.app.t.errors.to_own_portal).click();
  await theirs.app.arrived("**/app");

  const { app } = await enterAsStaff(stage);
  await app.go("/app/logs");
  await app.heading().getByText(app.t.errors.forbidden_title).waitFor();
  await app.link(app.t.errors.to_own_portal).click();
  await app.arrived("**/admin");
});

// SEC-13: from a signal to a blocked source, and back; one's own address is never among them.
journey("a source is blocked from its signal, and let in again", async (stage) => {
  const from = (address, path = "/api/v1/permissions") =>
    fetch(`${stage.base}${path}`, { headers: { "X-Forwarded-For": address } });
  await from("198.51.100.23", "/.env");
  const blocked = await from("198.51.100.23");
  assert.equal(blocked.status, 403, "a trap closes by itself");
  const { app, page } = await enterAsStaff(stage);
  stage.windows[0].allow(/answer: 409 POST .*\/decisions$/, /status of 409/);
  const { t } = app;
  await app.go("/admin/beveiliging");
  const critical = page.locator(".facts div").filter({ hasText: t.security.f_critical }).locator("dd");
  await until("the critical signal is counted", 10_000, async () => {
    await app.button(t.security.refresh).click();
    return Number(await critical.innerText()) > 0;
  });
  await page.locator(".events li").filter({ hasText: "198.51.100.23" }).filter({ hasText: "/.env" }).first().waitFor();
  const source = page.getByRole("row").filter({ hasText: "198.51.100.23/32" });
  await source.getByRole("button", { name: t.security.lift, exact: true }).click();
  await app.toast(t.security.undone).waitFor();
  await until("it is let in again", 2_000, async () => (await from("198.51.100.23")).status === 200);

  // Seen is seen.
  await app.button(t.security.acknowledge).click();
  await app.toast(t.security.acknowledged).waitFor();
  await until("nothing is open", 5_000, async () => (await critical.innerText()) === "0");

  // A decision of one's own, taken back with one press; a network with oneself in it is refused with the reason.
  await app.button(t.security.block).click();
  await page.fill("#decide-network", "127.0.0.1");
  await page.fill("#decide-reason", "proef");
  await app.button(t.security.save).click();
  await page.locator("dialog[open] [role=alert]").filter({ hasText: "127.0.0.1" }).waitFor();
  await page.fill("#decide-network", "198.51.100.77");
  await app.button(t.security.save).click();
  await until("it is blocked", 2_000, async () => (await from("198.51.100.77")).status === 403);
  await app.button(t.security.undo).click();
  await until("it is let in", 2_000, async () => (await from("198.51.100.77")).status === 200);
});
