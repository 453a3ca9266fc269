// Counting and analysing: the histogram and the values narrow the search, and what is unusual leads to its logs.
import assert from "node:assert/strict";

import { largest } from "./lib/data.mjs";
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
