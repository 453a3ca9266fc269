// Searches to go back to.
import assert from "node:assert/strict";

import { newCustomer } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP } from "./lib/stage.mjs";

// SRCH-09, SRCH-11, UI-05: a search is kept by name and run again, those of before are there, and both can be forgotten.
journey("searches are kept, run again and forgotten", async (stage) => {
  const customer = await newCustomer(stage);
  await customer.api.post("/logs/batch", { logs: [{ kind: "rit", n: 1 }, { kind: "scan", n: 2 }] });
  const { app, page } = await stage.open({ lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.signIn(customer.code);
  await app.go("/app/logs");
  await app.search("kind:rit");
  await page.getByText(t.logs.searches).click();
  await app.button(t.logs.search_save).click();
  await page.locator("#search-name[aria-invalid=true]").waitFor();
  await page.fill("#search-name", "Ritten");
  await app.button(t.logs.search_save).click();
  await app.toast(t.logs.search_saved("Ritten")).waitFor();
  const { searches } = await customer.api.get("/searches");
  assert.deepEqual(searches.map(({ name, q, shared }) => [name, q, shared]), [["Ritten", "kind:rit", false]]);

  await app.search("kind:scan");
  await page.reload();
  await app.ready();
  await page.getByText(t.logs.searches).click();
  await app.button("kind:rit").waitFor();
  await app.button("Ritten").click();
  await page.waitForURL(/kind(:|%3A)rit/);
  await app.settled();
  assert.equal(await app.rows().count(), 1);
  await app.button(t.logs.search_forget("Ritten")).click();
  await page.getByText(t.logs.searches_none).waitFor();
  await app.button(t.logs.searches_forget).click();
  await page.getByRole("heading", { name: t.logs.searches_past }).waitFor({ state: "detached" });
});
