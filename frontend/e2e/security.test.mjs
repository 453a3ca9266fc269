// What strangers could put into the data, and what the browser keeps.
import assert from "node:assert/strict";
import http from "node:http";

import { watchStyles } from "./lib/checks.mjs";
import { largest, newCustomer, staffApi, unique } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { until } from "./lib/wait.mjs";

const HOSTILE = [
  '<img src=x onerror="alert(1)">',
  '<script>alert("2")</script>',
  "\u202Etxt.exe\u202C omgekeerd",
  "🚚 palletwagen 👩‍🔧 ok",
  'javascript:alert(3)//"><svg/onload=alert(4)>',
  "{{7*7}} ${7*7} <%= 7*7 %> `${7}`",
  "'; DROP TABLE log; --",
  "</textarea></title><iframe src=//evil.example>",
];

/** Whether a text stands in the page exactly as it is, as text. */
const asText = (page, text) =>
  page.evaluate((text) => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
      if (node.data.includes(text) && node.parentElement.getClientRects().length > 0) return true;
    }
    return false;
  }, text);

/** How many elements stand in the page that only such a text could have made. */
const planted = (page) => page.locator('#app :is(img, iframe, script, svg[onload], [onclick], a[href^="javascript"])').count();

// SEC-02, SEC-04, LOG-01, UI-05: hostile text is text everywhere: nothing runs, nothing loads, nothing breaks.
test("hostile text stays text", async (stage) => {
  const customer = await newCustomer(stage, { name: unique('<b onclick="alert(5)">Klant</b> ') });
  const window = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  await window.context.addInitScript(watchStyles);
  const { app, page } = window;
  const { t } = app;
  const shown = async (text, where) => {
    await until(`${where} shows ${text}`, 10_000, () => asText(page, text));
    assert.equal(await planted(page), 0, `${where} holds no element of the text`);
  };
  for (const text of HOSTILE) await customer.api.post("/logs", { msg: text, kind: text.slice(0, 60), level: "error", [text.slice(0, 20)]: { text } });

  await app.signIn(customer.code);
  for (const text of HOSTILE) await shown(text, "overview");
  await shown(customer.name, "top bar");
  await app.go("/app/logs");
  for (const text of HOSTILE) await shown(text, "list");
  for (const text of HOSTILE) {
    await app.rows(text).first().locator(".rowbtn").click();
    const drawer = page.locator("dialog.drawer");
    await drawer.getByText(text, { exact: true }).first().waitFor();
    const only = drawer.getByRole("button", { name: t.logs.only_kind("").trim() }).first();
    await drawer.getByRole("button", { name: t.logs.raw }).click();
    assert.equal(await planted(page), 0, "detail");
    await only.click();
    await app.settled();
    await shown(text, "chip and list after a click on the kind");
    assert.equal(await app.rows(text).count(), 1, `the kind of ${text} finds its own log`);
    await app.go("/app/logs");
  }
  const { logs } = await customer.api.get("/logs");
  await app.go(`/app/logs/${logs[0].id}`);
  await shown(HOSTILE.at(-1), "page of one log");

  // Typed, searched, and arriving live.
  for (const text of HOSTILE) {
    await page.goto(`/app/logs?q=${encodeURIComponent(text)}`);
    await app.ready();
    assert.equal(await page.inputValue("#q"), text);
    assert.equal(await planted(page), 0, "search box, chips and message");
  }
  await app.go("/app");
  await page.getByText(t.overview.live, { exact: true }).waitFor();
  const live = `live ${HOSTILE[0]}`;
  await customer.api.post("/logs", { txt: live });
  await shown(live, "live row");
  const typed = `getypt ${HOSTILE[1]}`;
  await page.fill("#quick", typed);
  await page.press("#quick", "Control+Enter");
  await app.rows(typed).locator("a.rowbtn").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.type(HOSTILE[0]);
  await shown(HOSTILE[0], "palette");
  await page.keyboard.press("Escape");

  // A key with such a name, in list, dialogs and messages.
  await app.go("/app/sleutels");
  await app.button(t.keys.create).first().click();
  await page.fill("#key-name", HOSTILE[0]);
  await app.button(t.keys.form_submit, app.dialog()).click();
  await shown(HOSTILE[0], "message and list of keys");
  await app.button(t.keys.secret_kept).click();
  await app.button(t.keys.revoke_of(HOSTILE[0])).click();
  await app.dialog().waitFor();
  await shown(t.keys.revoke_title(HOSTILE[0]), "dialog");
  await page.fill("#revoke-name", HOSTILE[0]);
  await app.button(t.keys.revoke_submit, app.dialog()).click();
  await shown(t.keys.revoked(HOSTILE[0]), "message");

  // Staff see the name and the notes.
  const staff = await staffApi(stage);
  const path = `/admin/customers/${customer.id}`;
  const etag = (await staff.raw("GET", path)).headers.get("etag");
  await staff.patch(path, { company_info: HOSTILE.join("\n") }, { "if-match": etag });
  const office = await stage.open();
  await office.app.signInStaff(stage.seed.admin);
  await office.app.go(`/admin/klanten/${customer.id}`);
  for (const text of [...HOSTILE, customer.name]) assert.ok(await asText(office.page, text), `staff see ${text}`);
  await office.app.button(t.admin.suspend).click();
  await until("the dialog shows the name", 5_000, () => asText(office.page, t.admin.suspend_title(customer.name)));
  await office.page.fill("#suspend-reason", HOSTILE[0]);
  await office.app.button(t.admin.suspend_submit, office.app.dialog()).click();
  await until("the reason is text", 5_000, () => asText(office.page, HOSTILE[0]));
  assert.equal(await planted(office.page), 0);
  window.allow(/answer: 40[13] /, /status of 40[13]/);
  for (const { dialogs } of stage.windows) assert.deepEqual(dialogs.filter((kind) => kind !== "beforeunload"), [], "no dialog opened");
});

// ACC-07, SEC-04, GEN-11: the browser keeps theme, language and draft, nothing else; the token is nowhere.
test("the browser keeps no secret", async (stage) => {
  const window = await stage.open();
  const { app, page } = window;
  const tokens = new Set();
  page.on("response", async (response) => {
    if (/\/auth\/(login|refresh)$/.test(response.url())) tokens.add((await response.json().catch(() => ({}))).access_token);
  });
  const { access_code: code } = largest(stage.seed);
  await app.signIn(code);
  await page.fill("#quick", "concept");
  for (const address of ["/app/logs?q=dok", "/app/sleutels", "/app/account", "/app"]) await app.go(address);
  await app.button(app.t.shell.dark_theme).click();
  assert.ok(tokens.size >= 2 && !tokens.has(undefined));

  const kept = await page.evaluate(async () => ({
    local: Object.keys(localStorage).sort(),
    session: Object.keys(sessionStorage),
    text: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, window.name, history.state]),
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    html: document.documentElement.outerHTML,
    globals: Object.keys(window).filter((name) => typeof window[name] === "string").map((name) => window[name]).join("\n"),
  }));
  assert.deepEqual(kept.local, ["draft", "lang", "theme"]);
  assert.deepEqual(kept.session, []);
  assert.equal(kept.databases, 0);
  assert.equal(kept.caches, 0);
  for (const secret of [...tokens, code]) {
    for (const place of ["text", "html", "globals"]) assert.equal(kept[place].includes(secret), false, `a secret in ${place}`);
    assert.equal(page.url().includes(secret), false);
  }
  assert.equal(await page.evaluate(() => document.cookie), "", "scripts see no cookie");
  const cookies = await window.context.cookies();
  const names = (list) => list.map((cookie) => cookie.name).sort();
  assert.deepEqual(names(cookies), ["__Host-mvai_device", "__Host-mvai_refresh"]);
  for (const cookie of cookies) assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite === "Strict", cookie.name);
  assert.ok(window.requests.every((line) => !line.includes("token") && !line.includes(code)), "no secret in an address");

  // Another page of the same browser is signed in too; signing out there ends this one.
  const second = await window.context.newPage();
  await second.goto("/app");
  await second.locator("#app h1").waitFor();
  window.allow(/answer: 401 /, /status of 401/);
  await app.signOut();
  assert.deepEqual(names(await window.context.cookies()), ["__Host-mvai_device"], "what signs in is gone");
  await second.goto("/app/logs");
  await second.waitForURL(/\/login/);
});

// SEC-04: every page of the app has a strict policy: no inline script or style but those of the build, no other host.
test("pages carry a strict policy", async (stage) => {
  const window = await stage.open();
  window.allow(/content security policy/i, /Refused to/, /violates the following/);
  await window.context.addInitScript(watchStyles);
  const { page } = window;
  for (const address of ["/", "/login", "/app", "/admin/login"]) {
    const answer = await page.request.get(address, { headers: { accept: "text/html" } });
    const headers = answer.headers();
    const policy = headers["content-security-policy"];
    for (const part of ["default-src", "object-src", "base-uri", "frame-ancestors"]) {
      assert.ok(policy.includes(`${part} 'none'`), `${address}: ${part}`);
    }
    assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval(?<!wasm-unsafe-eval)|https?:|\*/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.doesNotMatch(await answer.text(), /\sstyle=/i, `${address}: no style attribute`);
    assert.doesNotMatch((await answer.text()).replaceAll(/<meta[^>]*>/g, ""), /https?:\/\//, `${address}: no other host`);
  }
  await page.goto("/login");
  await page.locator("#code").waitFor();
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.ran = true";
    document.body.append(script);
    return window.ran === true;
  });
  assert.equal(ran, false, "a script that is put into the page does not run");
});

// API-05, API-01: the API's own page works offline, signs in with a key and calls the server.
test("Swagger UI calls the API with a key", async (stage) => {
  const customer = largest(stage.seed);
  const window = await stage.open({ stored: false, size: { width: 1280, height: 1000 } });
  const { page } = window;
  await page.goto("/api/docs");
  await page.waitForURL(/\/api\/docs\/?$/);
  await page.locator(".swagger-ui .info .title").waitFor();
  await page.locator("button.authorize").first().click();
  const dialog = page.locator(".dialog-ux .modal-ux");
  const block = dialog.locator(".auth-container", { hasText: "api_key" });
  await block.locator("input").first().fill(customer.api_key);
  await block.locator("button.authorize").click();
  await dialog.getByRole("button", { name: /close/i }).last().click();

  const found = page.locator(".opblock-get", { has: page.locator('[data-path="/api/v1/logs"]') });
  await found.locator(".opblock-summary-control").click();
  // The examples narrow the list; without them all logs come.
  for (const name of ["q", "fields"]) await found.locator(`tr[data-param-name="${name}"] input`).fill("");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => /\/api\/v1\/logs(\?|$)/.test(response.url())),
    found.locator("button.execute").click(),
  ]);
  assert.equal(answer.status(), 200);
  const { logs } = await answer.json();
  assert.ok(logs.length > 0 && logs.every((log) => log.customer_id === customer.id), "the logs of the key's customer");
  await found.locator(".live-responses-table .response-col_status", { hasText: "200" }).first().waitFor();
});

/** A web site of somebody else; gives its origin. */
async function webSite(stage) {
  const server = http.createServer((_, answer) => answer.setHeader("content-type", "text/html").end("<!doctype html><title>site</title>"));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  stage.after(async () => server.close().closeAllConnections());
  return `http://127.0.0.1:${server.address().port}`;
}

/** What a page of the present web site gets from our API: status and body, or that the browser kept it away. */
const ask = (page, path, init) =>
  page.evaluate(
    async ([path, init]) => {
      try {
        const answer = await fetch(path, init);
        return { status: answer.status, body: await answer.json().catch(() => null) };
      } catch (error) {
        return { blocked: String(error) };
      }
    },
    [path, init],
  );

// API-08, SEC-04: a key works in pages of the web sites that it lists and in no others; a cookie works in ours alone. The
// owner opens and closes a key on the page of keys.
test("keys work in pages of listed web sites alone", async (stage) => {
  const [shop, other] = [await webSite(stage), await webSite(stage)];
  const customer = await newCustomer(stage);
  const window = await stage.open({ permissions: ["clipboard-read", "clipboard-write"] });
  const { app, page } = window;
  const { t } = app;
  await app.signIn(customer.code);
  await app.go("/app/sleutels");
  await app.button(t.keys.create).first().click();
  await page.fill("#key-name", "winkel");
  await page.fill("#key-origins", "www.bedrijf.nl");
  window.allow(/422 POST .*\/keys/, /status of 422/);
  await app.button(t.keys.form_submit, app.dialog()).click();
  await page.locator("#key-origins-error, #key-origins ~ .err, .err", { hasText: "www.bedrijf.nl" }).first().waitFor();
  await page.fill("#key-origins", `${shop}/`);
  await app.button(t.keys.form_submit, app.dialog()).click();
  await page.getByText(t.keys.in_pages_of(shop), { exact: true }).waitFor();
  const key = (await page.locator("body").innerText()).match(/mvai_live_[A-Za-z0-9_-]{20,}/)[0];

  const site = await stage.open({ stored: false });
  site.allow(/request to another host: http:\/\/127\.0\.0\.1/, /CORS policy/, /status of 40\d/, /40\d (GET|POST|OPTIONS)/, /net::ERR_FAILED/, /net::ERR_BLOCKED_BY_RESPONSE/, /favicon/);
  const send = {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "idempotency-key": unique("k") },
    body: JSON.stringify({ txt: "vanaf de winkel" }),
  };
  const logs = `${stage.base}/api/v1/logs`;
  await site.page.goto(shop);
  const sent = await ask(site.page, logs, send);
  assert.equal(sent.status, 201, JSON.stringify(sent));
  assert.equal((await ask(site.page, `${stage.base}/api/v1/logs/0`, { headers: send.headers })).status, 404, "problems can be read");
  assert.ok((await ask(site.page, logs, { ...send, credentials: "include" })).blocked, "never with cookies");

  await site.page.goto(other);
  assert.ok((await ask(site.page, logs, send)).blocked, "another web site");
  // What a browser sends without asking first.
  const form = { method: "POST", headers: { "content-type": "text/plain" }, body: "{}", credentials: "include" };
  for (const mode of ["cors", "no-cors"]) {
    await ask(site.page, `${stage.base}/api/v1/auth/refresh`, { ...form, mode });
    await ask(site.page, logs, { ...form, mode });
  }
  assert.equal((await customer.api.get("/logs")).logs.length, 1, "one log, of the page that may");

  await page.getByRole("button", { name: t.keys.edit_of("winkel") }).click();
  assert.equal(await page.inputValue("#edit-origins"), shop);
  await page.fill("#edit-origins", "");
  await app.button(t.common.save, app.dialog()).click();
  await page.getByText(t.keys.in_pages_of(shop), { exact: true }).waitFor({ state: "detached" });
  await site.page.goto(shop);
  // A browser remembers a yes for ten minutes, so the request goes out; its answer stays away from the page.
  const after = await ask(site.page, logs, send);
  assert.ok(after.blocked, "closed again");
});
