// Takes the pictures of the README: NODE_TOOLS=… MVAI_BIN=… CHROME_PATH=… node frontend/e2e/shots.mjs
// on the release build of the app. The data is the demonstration; the key in the picture is revoked at once.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./lib/browser.mjs";
import { largest } from "./lib/data.mjs";
import { Server } from "./lib/server.mjs";
import { Stage } from "./lib/stage.mjs";

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const LARGEST = 240 * 1024;
const SIZE = { width: 1440, height: 1000 };
// The address is in one of the pictures.
const PORT = 5000;

/** Takes what the window shows, with nothing in it that passes. */
async function take({ page }, name) {
  const file = path.join(IMAGES, name);
  await page.mouse.move(0, 0);
  await page.locator(".toast-x").evaluateAll((buttons) => buttons.forEach((button) => button.click()));
  await page.evaluate(() => document.activeElement?.blur());
  await page.screenshot({ path: file });
  const size = fs.statSync(file).size;
  console.log(`${path.relative(process.cwd(), file)} ${(size / 1024).toFixed(0)} KB`);
  if (size > LARGEST) throw new Error(`${name} is larger than ${LARGEST / 1024} KB`);
}

fs.mkdirSync(IMAGES, { recursive: true });
const log = path.join(os.tmpdir(), `mvai-shots-${process.pid}.log`);
const server = await Server.start({ log, seed: true, logs: 40_000, port: PORT });
const browser = await launch();
const stage = new Stage({ browser, server, entry: { name: "shots" } });
try {
  const { access_code: code } = largest(server.seed);

  const overview = await stage.open({ lang: "nl", theme: "light", size: SIZE });
  await overview.app.signIn(code);
  await overview.page.getByText(overview.app.t.overview.live, { exact: true }).waitFor();
  await take(overview, "overview-light.png");

  const logs = await stage.open({ lang: "nl", theme: "dark", size: SIZE });
  await logs.app.signIn(code);
  await logs.app.go("/app/logs?q=kind:quality_check%20-venlo&tijd=30d");
  await logs.app.rows().nth(2).locator(".rowbtn").click();
  await logs.page.locator("dialog.drawer pre.json").waitFor();
  await take(logs, "logs-dark.png");

  const keys = await stage.open({ lang: "en", theme: "light", size: SIZE });
  const { app, page } = keys;
  await app.signIn(code);
  await app.go("/app/sleutels");
  await app.button(app.t.keys.create).first().click();
  await page.fill("#key-name", "Warehouse Venlo");
  await app.button(app.t.keys.form_submit, app.dialog()).click();
  await page.locator("#sample-code").waitFor();
  await take(keys, "keys-en.png");
  await app.button(app.t.keys.secret_kept).click();
  await app.button(app.t.keys.revoke_of("Warehouse Venlo")).click();
  await page.fill("#revoke-name", "Warehouse Venlo");
  await app.button(app.t.keys.revoke_submit, app.dialog()).click();
  await app.toast(app.t.keys.revoked("Warehouse Venlo")).waitFor();
  stage.check();
} finally {
  await stage.close();
  await browser.close();
  await server.stop();
  fs.rmSync(log, { force: true });
}
