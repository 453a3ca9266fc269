// Erasing and correcting logs, and how long they are kept.
import assert from "node:assert/strict";

import { newCustomer } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";

async function enter(stage, options) {
  const customer = await newCustomer(stage);
  const logs = ["Jansen", "Bakker", "Jansen"].map((name, at) => ({ kind: "rit", event_id: `rit-${at}`, driver: { name }, temp: at, message: `Rit ${at}` }));
  await customer.api.post("/logs/batch", { logs });
  const window = await stage.open(options);
  await window.app.signIn(customer.code);
  return { ...window, customer };
}

// LOG-10, UI-05: an owner erases what the search shows: another number is refused in place, the right one takes the
// logs out of the list at once, and the erasure stands on record.
const erasing = (options) => async (stage) => {
  const { app, page, customer } = await enter(stage, options);
  const { t } = app;
  await app.go("/app/logs?q=driver.name:Jansen");
  await app.button(t.erase.open).click();
  const dialog = app.dialog();
  await dialog.locator("strong", { hasText: "2 logs" }).waitFor();
  await page.fill("#erase-reason", "Verzoek 17");
  await page.fill("#erase-count", "3");
  await app.button(t.erase.submit).click();
  await dialog.getByText(t.erase.mismatch).first().waitFor();
  assert.equal((await customer.api.get("/logs?count=exact")).total.value, 3, "nothing was erased");
  await page.fill("#erase-count", "2");
  await app.button(t.erase.submit).click();
  await app.toast(t.erase.erased("2")).waitFor();
  await page.getByText(t.logs.none_title).waitFor();
  assert.equal((await customer.api.get("/logs?count=exact")).total.value, 1);

  await app.go("/app/account");
  await app.link(t.privacy.open).click();
  await app.arrived("**/app/account/privacy");
  const row = app.rows("Verzoek 17");
  assert.match(await row.innerText(), /driver\.name:Jansen/);
};
journey("an owner erases what the search shows", erasing({ lang: "nl", size: DESKTOP }));
journey("an owner erases on a phone, in English", erasing({ lang: "en", size: PHONE }));

// LOG-10: fields become unreadable, the logs stay.
journey("fields are erased and the logs stay", async (stage) => {
  const { app, page, customer } = await enter(stage, { lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.go("/app/logs?q=kind:rit");
  await app.button(t.erase.open).click();
  await page.getByLabel(t.erase.some_fields).check();
  await page.fill("#erase-count", "3");
  await app.button(t.erase.submit).click();
  await app.dialog().getByText(t.erase.fields_missing).first().waitFor();
  await page.fill("#erase-fields", "driver.name, message");
  await app.button(t.erase.submit).click();
  await app.toast(t.erase.redacted("3")).waitFor();
  const { logs } = await customer.api.get("/logs");
  assert.deepEqual(logs.map(({ data }) => JSON.parse(data)), [2, 1, 0].map((temp) => ({ kind: "rit", event_id: `rit-${temp}`, driver: { name: null }, temp, message: null })));
});

// LOG-10: a correction is a new log; each leads to the other.
journey("a log is corrected by a new one", async (stage) => {
  const { app, page, customer } = await enter(stage, { lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.go("/app/logs/2");
  await app.button(t.logs.correct).click();
  const text = await page.inputValue("#correction");
  await page.fill("#correction", "[1]");
  await app.button(t.logs.correct_save).click();
  await app.dialog().getByText(t.logs.correct_no_object).first().waitFor();
  await page.fill("#correction", text.replace("Bakker", "De Bakker"));
  await app.button(t.logs.correct_save).click();
  await app.arrived("**/app/logs/4");
  assert.equal((await customer.api.get("/logs/4")).corrects_id, 2);
  await app.link(t.logs.log_title("2")).click();
  await app.arrived("**/app/logs/2");
  await app.link(t.logs.log_title("4")).waitFor();
  assert.match(JSON.parse((await customer.api.get("/logs/2")).data).driver.name, /^Bakker$/);
});

// LOG-11, UI-05: a shorter retention says when it counts and what goes, and can be withdrawn; what lies outside the
// bounds is refused in place.
journey("how long logs are kept is chosen and withdrawn", async (stage) => {
  const { app, page } = await enter(stage, { lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.go("/app/account/privacy");
  await page.getByText(t.privacy.unlimited).waitFor();
  for (const wrong of ["29", "een jaar"]) {
    await page.fill("#days", wrong);
    await app.button(t.privacy.save).click();
    await page.locator("#days[aria-invalid=true]").waitFor();
  }
  await page.fill("#days", "90");
  await page.check("#keep-totals");
  await app.button(t.privacy.save).click();
  await app.toast(t.privacy.shorter_saved).waitFor();
  await app.button(t.privacy.withdraw).click();
  await app.toast(t.privacy.withdrawn).waitFor();
  await page.getByText(t.privacy.unlimited).waitFor();
  assert.equal(await page.inputValue("#days"), "");
  await page.reload();
  await app.ready();
  assert.equal(await page.isChecked("#keep-totals"), true, "the choice about totals stays");
  await page.uncheck("#keep-totals");
  await app.button(t.privacy.save).click();
  await app.toast(t.privacy.saved).waitFor();
});

// LOG-16, UI-05: the check says what it has come to; a seal that is none is refused in place, one that the chain does not
// have is told.
journey("the seals are verified", async (stage) => {
  const { app, page } = await enter(stage, { lang: "nl", size: DESKTOP });
  const { t } = app;
  await app.go("/app/account/privacy");
  await page.getByText(t.seals.none).waitFor();
  await page.fill("#seal", "geen zegel");
  await app.button(t.seals.verify).click();
  await page.locator("#seal[aria-invalid=true]").waitFor();
  await page.fill("#seal", "");
  await app.button(t.seals.verify).click();
  await page.getByText(t.seals.intact).waitFor();
  await page.getByText(t.seals.unsealed("3")).waitFor();
  await page.fill("#seal", "a".repeat(64));
  await app.button(t.seals.verify).click();
  await page.getByText(t.seals.kept_missing).waitFor();
  await page.getByText(t.seals.changed).waitFor();
});
