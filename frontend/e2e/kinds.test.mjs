// Describing kinds, and correcting what did not fit.
import assert from "node:assert/strict";

import { newCustomer } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";

const SCHEMA = '{"required": ["temp"], "properties": {"temp": {"type": "number"}}}';
const REJECTED = [/422 POST .*\/(logs|kinds|replay)/, /status of 422/];

// LOG-15, LOG-11, UI-05: an owner describes a kind, hears what would have been rejected before it is, chooses how long its
// logs are kept, and corrects a line.
const describing = (options) => async (stage) => {
  const customer = await newCustomer(stage);
  await customer.api.post("/logs/batch", { logs: [{ kind: "meting", temp: 4 }, { kind: "meting", temp: "warm" }] });
  const window = await stage.open(options);
  window.allow(...REJECTED);
  const { app, page } = window;
  await app.signIn(customer.code);
  const { t } = app;
  await app.go("/app/soorten");
  await app.button(`${t.kinds.describe} meting`).click();
  await page.fill("#kind-nl", "Temperatuur");
  await page.fill("#kind-schema", '{"type": "getal"}');
  await app.button(t.common.save).click();
  await app.dialog().locator("#kind-schema-error").filter({ hasText: "/type" }).waitFor();
  await page.fill("#kind-schema", SCHEMA);
  await page.selectOption("#kind-mode", "reject");
  await app.button(t.common.save).click();
  await app.dialog().getByText(t.kinds.would_reject).waitFor();
  assert.equal((await customer.api.get("/kinds")).kinds.length, 0, "nothing is saved before it was seen");
  await app.button(t.common.save).click();
  await app.toast(t.common.saved).waitFor();

  await customer.api.post("/logs", { kind: "meting", temp: "koud" }).catch(() => {});
  // Logs of this kind are kept for 100 days, from a week on.
  await app.button(`${t.privacy.retention_title} meting`).click();
  await app.dialog().getByText(t.kinds.kept_as_all).waitFor();
  await page.fill("#days", "29");
  await app.button(t.privacy.save).click();
  await page.locator("#days[aria-invalid=true]").waitFor();
  await page.fill("#days", "100");
  await app.button(t.privacy.save).click();
  await app.toast(t.privacy.shorter_saved).waitFor();
  assert.equal((await customer.api.get("/retention")).kinds[0].next.days, 100);
  await app.button(t.privacy.withdraw).click();
  await app.toast(t.privacy.withdrawn).waitFor();
  assert.equal((await customer.api.get("/retention")).kinds, undefined);
  await page.keyboard.press("Escape");

  await app.go("/app/quarantaine");
  await app.button(t.kinds.correct).click();
  await page.waitForSelector("#line-data");
  await app.button(t.kinds.replay).click();
  await app.dialog().locator(".summary").waitFor();
  await page.fill("#line-data", '{"kind": "meting", "temp": -2}');
  await app.button(t.kinds.replay).click();
  await app.toast(t.kinds.replayed("3")).waitFor();
  await page.getByText(t.kinds.clear_title).waitFor();
  assert.equal((await customer.api.get("/logs?count=exact")).total.value, 3);
};
journey("an owner describes a kind and corrects a line", describing({ lang: "nl", size: DESKTOP }));
journey("an owner describes a kind on a phone, in English", describing({ lang: "en", size: PHONE }));
