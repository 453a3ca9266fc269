// Browser tests: `cargo xtask test --browser`, or
//   NODE_TOOLS=… MVAI_BIN=… CHROME_PATH=… node frontend/e2e/run.mjs [--no-budget] [word …]
// A word chooses the tests whose file or name holds it. Results lie in target/e2e/.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { launch } from "./lib/browser.mjs";
import { collect, run } from "./lib/runner.mjs";
import { Server } from "./lib/server.mjs";
import { Stage } from "./lib/stage.mjs";

const FILES = [
  "journey.test.mjs",
  "figures.test.mjs",
  "erasure.test.mjs",
  "searches.test.mjs",
  "kinds.test.mjs",
  "requests.test.mjs",
  "people.test.mjs",
  "staff.test.mjs",
  "states.test.mjs",
  "parts.test.mjs",
  "stopwatch.test.mjs",
  "keyboard.test.mjs",
  "comfort.test.mjs",
  "security.test.mjs",
  "pages.test.mjs",
  "budget.mjs",
];

const args = process.argv.slice(2);
const words = args.filter((arg) => !arg.startsWith("--"));
const unknown = args.filter((arg) => arg.startsWith("--") && arg !== "--no-budget");
if (unknown.length > 0) {
  console.error(`unknown option ${unknown.join(" ")}`);
  process.exit(2);
}
const files = FILES.filter((name) => name !== "budget.mjs" || !args.includes("--no-budget"));

const output = fileURLToPath(new URL("../../target/e2e/", import.meta.url));
fs.rmSync(output, { recursive: true, force: true });
fs.mkdirSync(path.join(output, "screens"), { recursive: true });

let server, browser;
const stop = async () => {
  await browser?.close().catch(() => {});
  await server?.stop();
  browser = server = undefined;
};
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => stop().finally(() => process.exit(130)));

const started = Date.now();
let result = { passed: 0, failed: 1 };
try {
  await collect(files.map((name) => new URL(name, import.meta.url)));
  // The limit on sign-in counts per address; here all people have the same one. It has a test of its own. Strangers come
  // through a proxy.
  server = await Server.start({ log: path.join(output, "server.log"), seed: true, env: { RATELIMIT_ENABLED: "false", TRUSTED_PROXIES: "127.0.0.0/8" } });
  browser = await launch();
  result = await run({ words, output, makeStage: (entry) => new Stage({ browser, server, entry }) });
} catch (error) {
  console.error(error);
} finally {
  await stop();
}
console.log(`\n${((Date.now() - started) / 1_000).toFixed(0)} s`);
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exitCode = result.failed > 0 || result.passed === 0 ? 1 : 0;
