// Everything by keyboard: no mouse is touched in this file.
import assert from "node:assert/strict";

import { downloaded, largest, newCustomer, readCsv, unique } from "./lib/data.mjs";
import { journey, test } from "./lib/runner.mjs";
import { until } from "./lib/wait.mjs";

// UI-03, UI-08, LOG-02, LOG-09, EXP-01: sign in, record, search, read, export, sign out.
journey("a whole visit without a mouse", async (stage) => {
  const { app, page } = await stage.open();
  const { t } = app;
  const { keyboard } = page;
  const seen = async (what) => assert.ok(await app.focusIsVisible(), `the focus shows on ${what}: ${await app.focused()}`);

  await app.go("/");
  await app.tabTo(".skip");
  await seen("the skip link");
  await app.tabTo('a[href="/login"]');
  await seen("the link to sign in");
  await keyboard.press("Enter");
  await app.arrived("**/login");
  await until("the code field has the focus", 3_000, () => page.evaluate(() => document.activeElement.id === "code"));
  await keyboard.type(largest(stage.seed).access_code);
  await keyboard.press("Enter");
  await app.arrived("**/app");

  // The skip link leads past the menu.
  await page.evaluate(() => document.activeElement?.blur());
  await app.tabTo(".skip");
  await keyboard.press("Enter");
  await until("the content has the focus", 3_000, () => page.evaluate(() => document.activeElement.id === "main"));

  await app.tabTo("#quick");
  await seen("the quick log");
  const word = unique("toets");
  await keyboard.type(`${word} met de hand`);
  await keyboard.press("Control+Enter");
  await app.rows(word).locator("a.rowbtn").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), "quick", "the focus stays for the next log");

  // The chart: one stop, arrows speak the day.
  await app.tabTo("input.cursor");
  const spoken = () => page.getAttribute("input.cursor", "aria-valuetext");
  const last = await spoken();
  assert.match(last, /^\S+ \d+ \S+: [\d.]+ logs?$/);
  await keyboard.press("ArrowLeft");
  const before = await spoken();
  assert.notEqual(before, last);
  assert.equal(await page.locator("output.tip").innerText(), before, "the tip shows what is spoken");
  await keyboard.press("Home");
  assert.notEqual(await spoken(), before);
  await keyboard.press("End");
  assert.equal(await spoken(), last);

  // g l goes to the logs, / to the search box.
  await page.evaluate(() => document.activeElement.blur());
  await keyboard.press("g");
  await keyboard.press("l");
  await app.arrived("**/app/logs");
  await until("the heading has the focus after a change of page", 3_000, async () => (await app.focused()).startsWith("h1"));
  await keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await keyboard.type("/ jke");
  assert.equal(await page.inputValue("#q"), "/ jke", "letters are letters in a field");
  await page.evaluate(() => document.activeElement.select());
  await keyboard.type("container");
  await keyboard.press("Enter");
  await page.waitForURL(/q=container/);
  await app.settled();
  await page.evaluate(() => document.activeElement.blur());

  // j and k move, Enter opens, Escape closes and gives the focus back.
  const row = () => page.evaluate(() => document.activeElement.closest("tr")?.dataset.row ?? null);
  await keyboard.press("j");
  const first = await row();
  assert.ok(first);
  await seen("a row");
  await keyboard.press("j");
  const second = await row();
  assert.notEqual(second, first);
  await keyboard.press("k");
  assert.equal(await row(), first);
  await keyboard.press("Enter");
  await page.waitForURL(new RegExp(`[?&]id=${first}$`));
  await until("the detail has the focus", 3_000, () => page.evaluate(() => document.activeElement.id === "detail-title"));
  await keyboard.press("j");
  await page.waitForURL(new RegExp(`[?&]id=${second}$`));
  await keyboard.press("Escape");
  await page.locator("dialog.drawer").waitFor({ state: "hidden" });
  await until("the row has the focus again", 3_000, async () => (await row()) === second);

  // e exports, by radio buttons and Enter.
  await keyboard.press("e");
  await app.dialog().waitFor();
  await app.tabTo('[name="export-format"]');
  const started = page.waitForEvent("download");
  await app.tabTo(".btn.primary");
  await keyboard.press("Enter");
  const rows = readCsv(await downloaded(await started));
  assert.ok(rows.length > 0 && rows.every((entry) => /container/i.test(`${entry.message} ${entry.kind} ${entry.data}`)));
  await app.dialog().waitFor({ state: "detached" });

  await app.tabTo(".side-end button", { back: true });
  await seen("signing out");
  await keyboard.press("Enter");
  await page.waitForURL(/\/login/);
  await page.getByText(t.login.ended_signed_out).waitFor();
});

// UI-03, UI-05: each dialog takes the focus, keeps it, closes by Escape and gives the focus back.
test("dialogs take the focus and give it back", async (stage) => {
  const customer = await newCustomer(stage);
  const { api_key: key, ...made } = await customer.api.post("/keys", { name: "Magazijn" });
  assert.ok(key && made.id);
  const { app, page } = await stage.open();
  const { t } = app;
  await app.signIn(customer.code);
  const cycle = async (what, control, inside) => {
    await control.focus();
    await page.keyboard.press("Enter");
    await app.dialog().waitFor();
    await until(`${what}: the focus is inside`, 3_000, () => page.evaluate(() => Boolean(document.activeElement?.closest("dialog[open]"))));
    if (inside) assert.match(await app.focused(), inside, what);
    for (let step = 0; step < 25; step += 1) {
      await page.keyboard.press("Tab");
      const outside = await page.evaluate(() => {
        const element = document.activeElement;
        return element !== document.body && !element.closest("dialog[open]");
      });
      assert.equal(outside, false, `${what}: the focus stays inside`);
    }
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => !document.querySelector("dialog[open]"));
    assert.ok(await control.evaluate((node) => node === document.activeElement), `${what}: the focus is back, not on ${await app.focused()}`);
  };
  await app.go("/app/logs");
  await cycle("export", app.button(t.logs.export_more));
  await app.go("/app/sleutels");
  await cycle("new key", app.button(t.keys.create).first(), /#key-name/);
  await cycle("edit key", app.button(t.keys.edit_of("Magazijn")), /#edit-name/);
  await cycle("rotate key", app.button(t.keys.rotate_of("Magazijn")));
  await cycle("revoke key", app.button(t.keys.revoke_of("Magazijn")));
  await app.go("/app/account");
  await cycle("replace the code", app.button(t.account.code_rotate));
});

// SRCH-14, UI-08: the palette finds own logs by number and by words, and customers for staff, while somebody types; the
// first results are there within 100 ms of a key, and what is typed is not remembered as a search.
test("the palette finds logs and customers", async (stage) => {
  const choose = async (app, name) => {
    const option = app.dialog().getByRole("option", { name });
    await option.waitFor();
    await until("it is chosen", 5_000, async () => {
      if ((await option.getAttribute("aria-selected")) === "true") return true;
      await app.page.keyboard.press("ArrowDown");
      return false;
    });
    await app.page.keyboard.press("Enter");
  };
  const mine = await newCustomer(stage);
  const word = unique("pallet");
  await mine.api.post("/log", { type: "scan", message: `${word} staat op dok 7` });
  const { app, page } = await stage.open();
  const { t } = app;
  const { keyboard } = page;
  await app.signIn(mine.code);
  await page.evaluate(() => {
    new MutationObserver(() => (window.listed = performance.now())).observe(document.querySelector("dialog.palette"), { childList: true, subtree: true });
    document.addEventListener("input", () => (window.pressed = performance.now()), true);
  });
  const open = async () => {
    await keyboard.press("Control+k");
    await app.dialog().getByRole("combobox").waitFor();
  };
  await open();
  await keyboard.type("1");
  await app.dialog().getByRole("option", { name: t.shell.open_log("1") }).waitFor();
  const took = await page.evaluate(() => window.listed - window.pressed);
  assert.ok(took < 100, `${took} ms`);
  await keyboard.press("Enter");
  await app.arrived("**/app/logs/1");
  await open();
  await keyboard.type(word.slice(0, -1));
  await choose(app, /staat op dok 7/);
  await app.arrived("**/app/logs/1");
  const history = await mine.api.get("/searches/history");
  assert.deepEqual(history.searches, []);
  await open();
  await keyboard.type("kind:(");
  await app.dialog().getByRole("option", { name: t.shell.search_for("kind:(") }).waitFor();
  await page.keyboard.press("Escape");

  const staff = await stage.open();
  await staff.app.signInStaff(stage.seed.admin);
  await staff.page.keyboard.press("Control+k");
  await staff.app.dialog().getByRole("combobox").waitFor();
  await staff.page.keyboard.type(mine.name);
  await choose(staff.app, new RegExp(`^${mine.name}`));
  await staff.app.arrived(`**/admin/klanten/${mine.id}`);
});

// UI-08, UI-03: the palette and the list of shortcuts; single keys can be switched off (WCAG 2.1.4).
test("the palette and the shortcuts", async (stage) => {
  const { app, page } = await stage.open();
  const { t } = app;
  const { keyboard } = page;
  await app.signIn(largest(stage.seed).access_code);
  await page.locator("#quick").focus();
  await keyboard.press("Control+k");
  const box = app.dialog().getByRole("combobox");
  await box.waitFor();
  assert.ok(await box.evaluate((node) => node === document.activeElement));
  await keyboard.type(t.shell.keys.slice(0, 5));
  const active = await box.getAttribute("aria-activedescendant");
  assert.ok(active && (await page.locator(`[id="${active}"][role="option"][aria-selected="true"]`).count()) === 1);
  await keyboard.press("Enter");
  await app.arrived("**/app/sleutels");
  await keyboard.press("Control+k");
  await box.waitFor();
  await keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));

  const theme = () => page.getAttribute("html", "data-theme");
  assert.equal(await theme(), null);
  await page.evaluate(() => document.activeElement.blur());
  await keyboard.press("t");
  await until("the theme is dark", 2_000, async () => (await theme()) === "dark");
  await keyboard.press("t");
  await until("the theme is light", 2_000, async () => (await theme()) === "light");

  await keyboard.press("?");
  await app.dialog().getByText(t.shell.key_rows).waitFor();
  await page.locator("#shortcuts-on").focus();
  await keyboard.press("Space");
  await keyboard.press("Escape");
  await page.waitForFunction(() => !document.querySelector("dialog[open]"));
  await keyboard.press("t");
  await keyboard.press("g");
  await keyboard.press("o");
  assert.equal(await theme(), "light", "single keys are off");
  assert.match(page.url(), /\/app\/sleutels$/);
  await page.reload();
  await app.ready();
  await keyboard.press("t");
  assert.equal(await theme(), "light", "and stay off after a reload");
});
