// Every page in both languages, both themes, and from 320 to 1440 pixels wide; dialogs and drawers too.
import path from "node:path";
import { fileURLToPath } from "node:url";

import { axe, layout, structure, watchStyles } from "./lib/checks.mjs";
import { largest, newCustomer } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";

const SCREENS = fileURLToPath(new URL("../../target/e2e/screens/", import.meta.url));
const THEMES = ["light", "dark"];
const UNKNOWN = [/404 GET .*\/geen-pagina/, /404 GET .*\/logs\/999999/, /status of 404/];

/** Changes the theme of the system and waits until it is painted. */
async function appearance(page, theme) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
  await page.waitForFunction((theme) => matchMedia(`(prefers-color-scheme: ${theme})`).matches, theme);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() => document.getAnimations().every((animation) => animation.playState !== "running"));
}

/** Looks at one page in one language: all themes and widths. */
async function inspect(window, { name, address, prepare, phone = true }) {
  const { page, app, lang } = window;
  const faults = [];
  const note = (where, found) => faults.push(...found.map((fault) => `${name} ${lang} ${where}: ${fault}`));
  const arrange = async () => {
    await app.go(address[lang] ?? address);
    await prepare?.(app);
    // A pointer that rests somewhere would change what is drawn there.
    await page.mouse.move(0, 0);
  };
  await page.setViewportSize(DESKTOP);
  await arrange();
  note("", await structure(page, lang));
  for (const [width, height] of [[DESKTOP.width, DESKTOP.height], [PHONE.width, PHONE.height]]) {
    if (width === PHONE.width) {
      await page.setViewportSize({ width, height });
      // What is a panel on a desk is a sheet on a phone, decided when it opens.
      if (phone === "again") await arrange();
    }
    // Colours do not depend on the language: they are looked at in one.
    for (const theme of lang === "nl" ? THEMES : ["light"]) {
      await appearance(page, theme);
      note(`${theme} ${width}`, await axe(page, { colours: theme === "dark" }));
      // What fits the window: a picture of the whole page takes ten times as long.
      await page.screenshot({ path: path.join(SCREENS, `${name}-${lang}-${theme}-${width}.png`) });
    }
    note(`${width}`, await layout(page));
  }
  for (const width of [320, 768]) {
    await page.setViewportSize({ width, height: 900 });
    note(`${width}`, await layout(page));
  }
  await appearance(page, "light");
  return faults;
}

/** Looks at pages in both languages at the same time. */
async function inspectAll(stage, enter, pages) {
  const inLang = async (lang) => {
    const window = await stage.open({ lang });
    window.allow(...UNKNOWN);
    await window.context.addInitScript(watchStyles);
    await enter(window.app);
    const faults = [];
    for (const entry of pages) faults.push(...(await inspect(window, entry)));
    return faults;
  };
  const faults = (await Promise.all(["nl", "en"].map(inLang))).flat();
  if (faults.length > 0) throw new Error(`${faults.length} faults\n${faults.join("\n")}`);
}

// UI-01, UI-02, UI-03, UI-04, I18N-01, I18N-02, GEN-11, SEC-04, PUB-09: pages for everybody.
test(
  "public pages hold what every page must",
  async (stage) => {
    const wrong = async (app) => {
      await app.button(app.t.login.submit).click();
      await app.page.getByText(app.t.login.code_empty).waitFor();
    };
    await inspectAll(stage, async () => {}, [
      { name: "landing", address: "/" },
      { name: "login", address: "/login" },
      { name: "login-fout", address: "/login?reden=verlopen&next=%2Fapp%2Flogs", prepare: wrong },
      { name: "login-naam", address: "/login?met=wachtwoord" },
      { name: "wachtwoord", address: "/wachtwoord" },
      { name: "beheer-login", address: "/admin/login" },
      { name: "onbekend", address: "/geen-pagina" },
    ]);
  },
  { limit: 180_000 },
);

// UI-01, UI-02, UI-03, UI-04, UI-05, I18N-01, GEN-11, SEC-04: the pages of a customer, their dialogs and the drawer.
test(
  "customer pages hold what every page must",
  async (stage) => {
    const { access_code: code } = largest(stage.seed);
    const opens = (press) => async (app) => {
      await press(app);
      await app.dialog().waitFor();
      await app.ready();
    };
    const exporting = opens((app) => app.button(app.t.logs.export_more).click());
    const creating = opens((app) => app.button(app.t.keys.create).first().click());
    const erasing = opens((app) => app.button(app.t.erase.open).click());
    const correcting = opens((app) => app.button(app.t.logs.correct).click());
    const search = (kind) => `/app/logs?q=${kind}:quality_check%20-venlo&tijd=30d`;
    const shortcuts = opens((app) => app.page.keyboard.press("?"));
    await inspectAll(stage, (app) => app.signIn(code), [
      { name: "overzicht", address: "/app" },
      { name: "logs", address: "/app/logs" },
      { name: "logs-zoeken", address: { nl: search("soort"), en: search("kind") } },
      { name: "log-open", address: "/app/logs?id=3", phone: "again" },
      { name: "log", address: "/app/logs/3" },
      { name: "log-onbekend", address: "/app/logs/999999" },
      { name: "sleutels", address: "/app/sleutels" },
      { name: "verzoeken", address: "/app/sleutels/verzoeken" },
      { name: "analyse", address: "/app/analyse" },
      { name: "cohorten", address: "/app/analyse/cohorten?veld=location" },
      { name: "trechter", address: "/app/analyse/trechter?veld=order&stap1=order_created&stap2=quality_check" },
      { name: "soorten", address: "/app/soorten" },
      { name: "soort-beschrijven", address: "/app/soorten", prepare: opens((app) => app.button(app.t.kinds.describe).first().click()) },
      { name: "quarantaine", address: "/app/quarantaine" },
      { name: "abonnement", address: "/app/abonnement" },
      { name: "account", address: "/app/account" },
      { name: "gebruikers", address: "/app/gebruikers" },
      { name: "gebruiker-uitnodigen", address: "/app/gebruikers", prepare: opens((app) => app.button(app.t.people.invite).click()) },
      { name: "privacy", address: "/app/account/privacy" },
      { name: "auditlog", address: "/app/account/audit" },
      { name: "niet-gevonden", address: "/app/geen-pagina" },
      { name: "verboden", address: "/admin" },
      { name: "export", address: "/app/logs", prepare: exporting },
      { name: "zoekopdrachten", address: search("kind"), prepare: async (app) => app.page.getByText(app.t.logs.searches).click().then(() => app.page.locator("#search-name").waitFor()) },
      { name: "wissen", address: search("kind"), prepare: erasing },
      { name: "verbeteren", address: "/app/logs/1", prepare: correcting },
      { name: "sleutel-maken", address: "/app/sleutels", prepare: creating },
      { name: "sneltoetsen", address: "/app/account", prepare: shortcuts },
    ]);
  },
  { limit: 240_000 },
);

// UI-01, UI-02, UI-03, UI-04, UI-05, I18N-01, GEN-11, SEC-04: the pages of staff and their dialogs.
test(
  "staff pages hold what every page must",
  async (stage) => {
    const customer = largest(stage.seed);
    const at = `/admin/klanten/${customer.id}`;
    const opens = (pick) => async (app) => {
      await app.button(pick(app.t)).click();
      await app.dialog().waitFor();
    };
    await inspectAll(stage, (app) => app.signInStaff(stage.seed.admin), [
      { name: "beheer", address: "/admin" },
      { name: "klanten", address: "/admin/klanten" },
      { name: "klanten-leeg", address: "/admin/klanten?q=bestaatniet" },
      { name: "klant-nieuw", address: "/admin/klanten/nieuw" },
      { name: "klant", address: at },
      { name: "klant-wijzigen", address: at, prepare: opens((t) => t.admin.edit) },
      { name: "klant-opschorten", address: at, prepare: opens((t) => t.admin.suspend) },
      { name: "beheer-logs", address: "/admin/logs", prepare: async (app) => app.page.locator(".record summary").first().click() },
      { name: "beheer-logs-klant", address: { nl: `/admin/logs?customer=${customer.id}&q=soort:quality_check`, en: `/admin/logs?customer=${customer.id}&q=kind:quality_check` } },
      { name: "beheer-logs-leeg", address: "/admin/logs?q=bestaatniet" },
      { name: "beheer-logs-fout", address: "/admin/logs?q=level:waring" },
      { name: "beheer-zoeken", address: "/admin/zoeken" },
      { name: "beheer-zoeken-gevonden", address: "/admin/zoeken?q=session" },
      { name: "beheer-zoeken-leeg", address: "/admin/zoeken?q=bestaatniet" },
      { name: "productcijfers", address: "/admin/productcijfers" },
      { name: "beveiliging", address: "/admin/beveiliging" },
      { name: "systeem", address: "/admin/systeem" },
      { name: "beheer-auditlog", address: "/admin/audit" },
      { name: "beheer-account", address: "/admin/account" },
      { name: "beheer-verboden", address: "/app" },
    ]);
  },
  { limit: 240_000 },
);

// UI-02, UI-03: pages of a customer that has nothing yet.
test(
  "empty pages hold what every page must",
  async (stage) => {
    const customer = await newCustomer(stage);
    await inspectAll(stage, (app) => app.signIn(customer.code), [
      { name: "leeg-overzicht", address: "/app" },
      { name: "leeg-logs", address: "/app/logs" },
      { name: "leeg-sleutels", address: "/app/sleutels" },
      { name: "leeg-verzoeken", address: "/app/sleutels/verzoeken" },
    ]);
  },
  { limit: 120_000 },
);
