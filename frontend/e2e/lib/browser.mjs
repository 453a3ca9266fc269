// Starts the browser, from what lies on this machine: nothing is downloaded.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const tools = process.env.NODE_TOOLS;
if (!tools) {
  console.error("NODE_TOOLS must name the folder whose node_modules holds playwright-core and axe-core");
  process.exit(2);
}
/** Loads a package of the tools folder. */
export const load = createRequire(path.resolve(tools) + path.sep);

const { chromium } = load("playwright-core");

/** The source of axe; it is evaluated in pages, because the content security policy allows no foreign script. */
export const axeSource = () => fs.readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

function executable() {
  if (process.env.CHROME_PATH) return process.env.CHROME_PATH;
  const names = "command -v chromium || command -v chromium-browser || command -v google-chrome";
  return execFileSync("/bin/sh", ["-c", names], { encoding: "utf8" }).trim();
}

// The last flag also proves that no page asks another host for anything.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
  "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
];

/** Starts a browser. */
export const launch = () => chromium.launch({ executablePath: executable(), args: FLAGS });
