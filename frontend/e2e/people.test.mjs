// Somebody is invited, chooses a password, signs in by name, and takes over from the access code.
import assert from "node:assert/strict";

import { newCustomer } from "./lib/data.mjs";
import { journey } from "./lib/runner.mjs";
import { DESKTOP, PHONE } from "./lib/stage.mjs";
import { until } from "./lib/wait.mjs";

const PASSWORD = "zeven blauwe vrachtwagens";

/** Signs in with address and password. */
async function signInByName(app, email, password) {
  await app.go("/login");
  await app.link(app.t.login.with_password).click();
  await app.page.locator("#username").fill(email);
  await app.page.locator("#password").fill(password);
  await app.button(app.t.login.submit).click();
}

// ACC-09, ACC-14: from the invitation to an owner by name, who decides what the access code may still do.
const invited = (options) => async (stage) => {
  const customer = await newCustomer(stage);
  const email = `eigenaar${customer.id}@bedrijf.example`;
  const first = await stage.open(options);
  const { app } = first;
  const { t } = app;
  await app.signIn(customer.code);
  await app.go("/app/gebruikers");
  await app.page.getByText(t.people.none_text).waitFor();
  await app.page.getByText(t.people.code_owner_text).waitFor();
  await app.button(t.people.invite).click();
  await app.dialog().waitFor();
  await app.button(t.people.send).click();
  await until("what is missing is said", 5_000, async () => (await app.dialog().locator("[aria-invalid=true]").count()) === 2);
  await app.page.locator("#user-email").fill(email);
  await app.page.locator("#user-name").fill("Sanne de Wit");
  await app.page.selectOption("#user-role", "owner");
  await app.button(t.people.send).click();
  const link = await app.page.locator(".secret-value").innerText();
  await app.button(t.people.link_done).click();
  await app.page.getByText(t.people.invited, { exact: true }).waitFor();

  const second = await stage.open(options);
  second.allow(/410 POST/, /status of 410/, /422 POST/, /status of 422/);
  await second.app.go(new URL(link).pathname + new URL(link).hash);
  await second.page.getByText("Sanne de Wit").waitFor();
  assert.equal(new URL(second.page.url()).hash, "", "the link does not stay in the address");
  await second.page.locator("#new-password").fill("sanne is de eigenaar");
  await second.app.button(t.people.choose).click();
  await second.page.locator("#new-password[aria-invalid=true]").waitFor();
  await second.page.locator("#new-password").fill(PASSWORD);
  await second.app.button(t.people.choose).click();
  await second.page.getByText(t.people.chosen_text).waitFor();
  await signInByName(second.app, email, PASSWORD);
  await second.app.arrived("**/app");
  await second.app.go("/app/gebruikers");
  await second.page.locator("#code-role").selectOption("viewer");
  await second.page.getByText(t.common.saved).first().waitFor();
  await until("the access code is a viewer at its next request", 10_000, async () => {
    const me = await customer.api.raw("GET", "/me");
    return (await me.json()).role === "viewer";
  });

  // The owner ends the session of the access code, and is asked nothing by the own one.
  const sessions = second.page.locator("tbody tr").filter({ hasText: t.people.by_code });
  await sessions.first().waitFor();
  const before = await sessions.count();
  await sessions.first().getByRole("button", { name: t.people.end_session }).click();
  await until("one session less", 10_000, async () => (await sessions.count()) === before - 1);
  await second.app.go("/app/account");
  await second.page.getByText(t.people.this_device).waitFor();

  // A link works once.
  const third = await stage.open(options);
  third.allow(/410 POST/, /status of 410/);
  await third.app.go(new URL(link).pathname + new URL(link).hash);
  await third.app.link(t.people.ask_title).click();
  await third.page.locator("#reset-email").fill("niemand@bedrijf.example");
  await third.app.button(t.people.ask).click();
  await third.page.getByText(t.people.asked).waitFor();
};
journey("somebody is invited and becomes the owner", invited({ lang: "nl", size: DESKTOP }), { limit: 90_000 });
journey("somebody is invited and becomes the owner on a phone", invited({ lang: "en", size: PHONE }), { limit: 90_000 });
