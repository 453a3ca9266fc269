// Counting and analysing: the histogram and the values narrow the search, and what is unusual leads to its logs.
import assert from "node:assert/strict";

import { Api } from "./lib/api.mjs";
import { downloaded, largest, newCustomer, readCsv, unique } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";
import { until } from "./lib/wait.mjs";

/** "1.805 logs" as a number. */
const number = (text) => Number(text.replace(/\D/g, ""));

async function enter(stage, options, customer) {
  const window = await stage.open(options);
  await window.app.signIn(customer.access_code);
  await window.app.heading().waitFor();
  return window;
}

// SRCH-06, ANA-16, UI-06: bars and values narrow the search by keyboard alone, and the way back is one press.
journey("bars and values narrow the search", async (stage) => {
  const { app, page } = await enter(stage, { lang: "nl", size: DESKTOP }, largest(stage.seed));
  const { t } = app;
  await app.go("/app/logs");
  const count = async () => number(await page.locator(".bar2 .sub2").innerText());
  const all = await count();
  const chart = page.locator("figure.chart");
  await chart.locator("h2", { hasText: t.analytics.per_week }).waitFor();
  await page.focus("#volume-r");
  await page.keyboard.press("ArrowLeft");
  const spoken = await page.getAttribute("#volume-r", "aria-valuetext");
  await page.keyboard.press("Enter");
  await page.waitForURL(/tijd=precies/);
  await until("the week alone is listed", 5_000, async () => (await count()) === number(spoken.split(":").at(-1)));
  assert.equal(await page.locator(".chip").count(), 1);
  await chart.locator("h2", { hasText: t.analytics.per_day }).waitFor();

  const values = page.locator("section.facets");
  await values.getByRole("button", { name: t.logs.only_value("quality_check"), exact: true }).click();
  await page.waitForURL(/quality_check/);
  await app.settled();
  const kinds = await app.rows().locator(".src").allInnerTexts();
  assert.ok(kinds.length > 0 && kinds.every((kind) => kind === "quality_check"), kinds.join());
  await page.fill("#veld", "result");
  await page.keyboard.press("Enter");
  await values.getByRole("button", { name: t.logs.without_value("GOEDGEKEURD"), exact: true }).click();
  await page.waitForURL(/GOEDGEKEURD/);
  await until("nothing approved is left", 5_000, async () => {
    return (await values.getByRole("button", { name: t.logs.only_value("GOEDGEKEURD"), exact: true }).count()) === 0;
  });
  for (let chips = await page.locator(".chip").count(); chips > 0; chips -= 1) {
    await page.locator(".chip").first().click();
    await until("the filter is gone", 5_000, async () => (await page.locator(".chip").count()) === chips - 1);
  }
  await until("all logs are back", 5_000, async () => (await count()) === all);
});

// ANA-03, ANA-04, ANA-06, ANA-07, ANA-16: what is unusual is told with its band and leads to its logs; values narrow
// the page; the address holds its state.
const analysis = (options) => async (stage) => {
  const customer = stage.seed.customers.find(({ name }) => name.startsWith("VanderMeer"));
  const { app, page } = await enter(stage, options, customer);
  const { t } = app;
  await app.go("/app/analyse");
  const findings = page.locator(".findings li");
  await findings.first().waitFor();
  const told = (await findings.allInnerTexts()).join("\n");
  assert.ok(told.includes("temperature_c"), told);
  for (const title of [t.analytics.pattern_title, t.analytics.top_title, t.analytics.forecast_title]) {
    await page.getByRole("heading", { name: title }).waitFor();
  }
  assert.equal(await page.locator(".heat tbody td").count(), 7 * 24);

  await page.getByRole("button", { name: "Rotterdam", exact: true }).click();
  await page.waitForURL(/Rotterdam/);
  await app.settled();
  assert.match(await page.inputValue("#q"), /Rotterdam/);
  await page.reload();
  await app.ready();
  assert.match(await page.inputValue("#q"), /Rotterdam/, "after a reload");

  const cold = page.locator(".findings li", { hasText: "temperature_c" });
  await cold.getByRole("link", { name: t.analytics.see_logs }).click();
  await page.waitForURL(/\/app\/logs\?/);
  await app.settled();
  await until("the thirteen readings are listed", 5_000, async () => (await app.rows().count()) === 13);
};
journey("what is unusual leads to its logs (nl, light, desktop)", analysis({ lang: "nl", theme: "light", size: DESKTOP }));
journey("what is unusual leads to its logs (en, dark, phone)", analysis({ lang: "en", theme: "dark", size: PHONE }));

// ANA-10, ANA-16, ANA-17: the values of a field by their first month; the field stands in the address, every cell says
// how many of how many, and the table is there as a file.
const cohorts = (options) => async (stage) => {
  const { app, page } = await enter(stage, options, largest(stage.seed));
  const { t } = app;
  await app.go("/app/analyse");
  await page.getByRole("link", { name: t.cohorts.title }).click();
  await page.waitForURL(/cohorten/);
  await app.settled();
  await page.fill("#field", "location");
  await page.keyboard.press("Enter");
  await page.waitForURL(/veld=location/);
  await page.getByRole("heading", { name: t.cohorts.of_field("location") }).waitFor();
  const rows = page.locator(".cohorts tbody tr");
  await rows.first().waitFor();
  const first = rows.first();
  const size = number(await first.locator("td").first().innerText());
  assert.ok(size > 0);
  const said = await first.locator("td").nth(1).getAttribute("title");
  assert.equal(said, t.cohorts.of(String(size), String(size)), "all of them were there in their own month");
  const saved = page.waitForEvent("download");
  await app.button(t.charts.csv).click();
  const [cell] = readCsv(await downloaded(await saved));
  assert.deepEqual(Object.values(cell).slice(1, 5), [String(size), "0", String(size), "1"]);
  await page.goBack();
  await until("the field before is back", 5_000, async () => (await page.inputValue("#field")) === "kind");
};
journey("values come back in later months (nl, light, desktop)", cohorts({ lang: "nl", theme: "light", size: DESKTOP }));
journey("values come back in later months (en, dark, phone)", cohorts({ lang: "en", theme: "dark", size: PHONE }));

// ANA-11, ANA-16, ANA-17: steps of one's own; what comes from step to step, what stops, and a broken step told in place.
const funnel = (options) => async (stage) => {
  const customer = largest(stage.seed);
  const { app, page } = await enter(stage, options, customer);
  const { t } = app;
  const api = new Api(stage.base, customer.api_key);
  const ordered = (type, fields) => api.post("/log", { type, ...fields });
  const run = unique("rit");
  const at = (minutes) => new Date(Date.now() - 3 * 3_600_000 + minutes * 60_000).toISOString();
  for (const n of [1, 2, 3]) await ordered("geboekt", { rit: `${run}-${n}`, timestamp: at(n) });
  for (const n of [1, 2]) await ordered("geladen", { rit: `${run}-${n}`, timestamp: at(n + 30) });
  await ordered("gelost", { rit: `${run}-1`, timestamp: at(121) });

  await app.go("/app/analyse/trechter");
  await page.getByText(t.funnel.none_title).waitFor();
  await page.fill("#field", "rit");
  await page.fill("#step1", `kind:geboekt rit:${run}*`);
  await page.fill("#step2", "kind:geladen");
  await app.button(t.funnel.add).click();
  await page.fill("#step3", "kind:(");
  await app.button(t.funnel.compute).click();
  await page.waitForURL(/stap3/);
  await page.locator("#step3[aria-invalid=true]").waitFor();
  await page.fill("#step3", "kind:gelost");
  await app.button(t.funnel.compute).click();
  const steps = page.locator(".funnel > li");
  await until("three steps are shown", 5_000, async () => (await steps.count()) === 3);
  const reached = await steps.locator("strong").allInnerTexts();
  assert.deepEqual(reached, ["3", "2", "1"]);
  const second = await steps.nth(1).innerText();
  assert.ok(second.includes(t.funnel.waiting("1")), second);
  assert.ok(second.includes("30"), "half an hour in the middle");
  const address = page.url();
  await page.reload();
  await app.ready();
  await until("they are there after a reload", 5_000, async () => (await steps.count()) === 3);
  assert.equal(page.url(), address);
  await steps.nth(2).getByRole("link").first().click();
  await page.waitForURL(/\/app\/logs\?/);
  await app.settled();
  assert.ok((await app.rows().count()) >= 1);
};
journey("a funnel follows own steps (nl, light, desktop)", funnel({ lang: "nl", theme: "light", size: DESKTOP }));
journey("a funnel follows own steps (en, dark, phone)", funnel({ lang: "en", theme: "dark", size: PHONE }));

// ANA-16: the same weekdays of a year ago are a choice, which the address keeps.
journey("an earlier period lies under the present one", async (stage) => {
  const { app, page } = await enter(stage, { lang: "nl", size: DESKTOP }, largest(stage.seed));
  const { t } = app;
  await app.go("/app/analyse?tijd=30d");
  await until("the line of the period before is drawn", 5_000, async () => {
    return ((await page.locator("figure.chart .ln.before").first().getAttribute("d")) ?? "").length > 0;
  });
  const spoken = await page.getAttribute("#trend-r", "aria-valuetext");
  assert.ok(spoken.includes(t.charts.earlier_value("").slice(1, 7)), spoken);
  await page.selectOption("#compare", "nee");
  await page.waitForURL(/vergelijk=nee/);
  await until("no second line is drawn", 5_000, async () => {
    return ((await page.locator("figure.chart .ln.before").first().getAttribute("d")) ?? "") === "";
  });
  await page.selectOption("#compare", "jaar");
  await page.waitForURL(/vergelijk=jaar/);
  await app.settled();
});

// ANA-15: without minutes of one's own there are no hours; with them there are, and nonsense is told at its box.
journey("hours are counted by own minutes", async (stage) => {
  const mine = await newCustomer(stage);
  const { app, page } = await stage.open({ lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.signIn(mine.code);
  await mine.api.get("/logs/search?q=dok");
  // Counted use is written now and then.
  await until("the search is counted", 75_000, async () => (await mine.api.get("/usage/savings")).months[0].searches === 1);
  await app.go("/app/abonnement");
  await page.getByText(t.savings.no_assumption).first().waitFor();
  await page.fill("#minutes-search", "481");
  await app.button(t.common.save).click();
  await page.locator("#minutes-search[aria-invalid=true]").waitFor();
  await page.fill("#minutes-search", "30");
  await app.button(t.common.save).click();
  await until("the hours are there", 5_000, async () => (await page.getByText(/Bespaard: \d/).count()) > 0);
  assert.equal(await page.getByText(t.savings.no_assumption).count(), 0);
  const kept = await mine.api.get("/usage/savings");
  assert.deepEqual(kept.assumptions, { minutes_per_search: 30, minutes_per_export: null });
});

// ANA-09: months of use stand in a list, and each opens by its days; the way back is that of the browser.
const months = (options) => async (stage) => {
  const customer = largest(stage.seed);
  const { app, page } = await enter(stage, options, customer);
  const { t } = app;
  const api = await Api.signIn(stage.base, { access_code: customer.access_code });
  const told = (await api.get("/usage/months")).months;
  assert.ok(told.length > 2 && told[1].logs > 0, JSON.stringify(told));
  await app.go("/app/abonnement");
  const row = page.locator("table").filter({ hasText: t.plan.col_calls }).locator("tbody tr").nth(1);
  assert.equal(number(await row.locator("td").first().innerText()), told[1].logs);
  await row.getByRole("link").click();
  await page.waitForURL(new RegExp(`maand=${told[1].period}`));
  const days = (await api.get(`/usage/days?period=${told[1].period}`)).days;
  const total = days.reduce((sum, day) => sum + day.logs, 0);
  await until("the chart is of that month", 5_000, async () => {
    return number((await page.locator("#received-s").innerText()).split(/ontvangen|received/)[0]) === total;
  });
  await page.goBack();
  await page.waitForURL(/abonnement$/);
  await app.settled();
};
journey("months of use open by their days (nl, light, desktop)", months({ lang: "nl", size: DESKTOP }));
journey("months of use open by their days (en, dark, phone)", months({ lang: "en", theme: "dark", size: PHONE }));

// EXP-08, LEG-06: an owner takes everything along in one file, once a day.
journey("an owner takes the archive", async (stage) => {
  const mine = await newCustomer(stage);
  await mine.api.post("/logs", { kind: "scan", note: "meegenomen" });
  const window = await stage.open({ lang: "nl", size: DESKTOP });
  window.allow(/429 POST .*archive/, /status of 429/);
  const { app, page } = window;
  const { t } = app;
  await app.signIn(mine.code);
  await app.go("/app/account");
  await app.button(t.exports.archive).click();
  await app.toast(t.exports.archive_asked).waitFor();
  const row = page.locator("li", { hasText: ".zip" });
  await row.getByText(t.exports.ready).waitFor({ timeout: 15_000 });
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    row.getByRole("button", { name: t.logs.export_start }).click(),
  ]);
  assert.match(download.suggestedFilename(), /_archive_.*\.zip$/);
  assert.ok((await downloaded(download)).startsWith("PK"));
  await app.button(t.exports.archive).click();
  await page.getByText(/24 uur/).first().waitFor();
});

/** Panels of a page: heading, sentence, whether the numbers stand there as text, and the files that it offers. */
async function panels(page) {
  await page.evaluate(() => document.querySelectorAll("main details").forEach((details) => details.setAttribute("open", "")));
  await page.waitForTimeout(300);
  return page.locator("main :is(section, figure).card").evaluateAll((cards) =>
    cards.map((card) => ({
      title: card.querySelector("h2")?.textContent.trim(),
      sentences: [...card.querySelectorAll("p:is(.sum, .sub, .sub2, .bar-note), .note, li p")].map((p) => p.textContent.trim()),
      asText: card.querySelector("table tbody tr, ul li, ol li, dl") !== null,
    })),
  );
}

/** Saves the file of a panel and reads it. */
async function fileOf(window, title) {
  const { app, page } = window;
  const panel = page.locator("main :is(section, figure).card").filter({ has: page.locator("h2", { hasText: title }) });
  const saved = page.waitForEvent("download");
  await app.button(app.t.charts.csv, panel).first().click();
  return readCsv(await downloaded(await saved));
}

/** Every panel with figures that `titles` names says what there is to see, has it as text, and gives it as a file. */
async function saysItInWords(window, address, titles) {
  const { app, page } = window;
  await app.go(address);
  await app.settled();
  const found = await panels(page);
  for (const title of titles) {
    const panel = found.find((panel) => panel.title === title);
    assert.ok(panel, `${address}: ${title} among ${found.map((panel) => panel.title).join(", ")}`);
    const sentence = panel.sentences.find((text) => /\d.*\./.test(text));
    assert.ok(sentence, `${address}, ${title}: a sentence with a figure in ${JSON.stringify(panel.sentences)}`);
    assert.ok(panel.asText, `${address}, ${title}: the numbers as text`);
    const rows = await fileOf(window, title);
    assert.ok(rows.length > 0, `${address}, ${title}: a file with rows`);
  }
}

const inWords = (options) => async (stage) => {
  const customer = largest(stage.seed);
  const window = await enter(stage, options, customer);
  const { t } = window.app;
  await saysItInWords(window, "/app", [t.overview.daily_title]);
  const figures = [t.analytics.findings_title, t.analytics.per_day, t.analytics.pattern_title, t.analytics.top_title];
  await saysItInWords(window, "/app/analyse?tijd=30d", [...figures, t.analytics.forecast_title]);
  await saysItInWords(window, "/app/analyse/cohorten?veld=location", [t.cohorts.of_field("location")]);
  await saysItInWords(window, "/app/analyse/trechter?veld=order&stap1=order_created&stap2=quality_check", [t.funnel.result]);
  await saysItInWords(window, "/app/abonnement", [t.plan.days, t.plan.months, t.savings.title]);
  const staff = await stage.open(options);
  await staff.app.signInStaff(stage.seed.admin);
  await saysItInWords(staff, "/admin", [t.admin.daily_title, t.admin.most_active, t.admin.newest]);
};
// ANA-17: every panel with figures has a sentence, its numbers as text, and a file with what it shows.
journey("every panel says it in words (nl, light, desktop)", inWords({ lang: "nl", size: DESKTOP }));
journey("every panel says it in words (en, dark, phone)", inWords({ lang: "en", theme: "dark", size: PHONE }));
