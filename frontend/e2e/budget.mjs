// How fast the first view is, and that the start page needs neither the app nor scripts to be read.
// The figures are taken on the release build alone: MVAI_RELEASE=1.
import assert from "node:assert/strict";

import { largest } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { TEXTS } from "./lib/texts.mjs";
import { until } from "./lib/wait.mjs";

const RUNS = 5;
const release = process.env.MVAI_RELEASE === "1";

/** Goes into the page before its own scripts: paints and shifts. */
const measure = () => {
  const seen = (window.seen = { fcp: 0, lcp: 0, cls: 0, element: "" });
  const on = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  on("paint", (entry) => entry.name === "first-contentful-paint" && (seen.fcp = entry.startTime));
  on("layout-shift", (entry) => (seen.cls += entry.hadRecentInput ? 0 : entry.value));
  on("largest-contentful-paint", (entry) => {
    seen.lcp = entry.startTime;
    seen.element = `${entry.element?.tagName ?? ""}#${entry.element?.id ?? ""}.${entry.element?.getAttribute("class") ?? ""}`;
  });
};

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

/** Loads an address as a mid-range phone would: 4× slower, 9 Mbit/s, 85 ms; empty cache each time. */
async function visit(stage, address, prepare) {
  const figures = [];
  for (let run = 0; run < RUNS; run += 1) {
    const window = await stage.open({ size: { width: 412, height: 823 }, deviceScaleFactor: 1.75, reducedMotion: null });
    await prepare?.(window);
    const page = await window.context.newPage();
    const session = await window.context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.clearBrowserCache");
    await session.send("Network.emulateNetworkConditions", { offline: false, latency: 85, downloadThroughput: 9e6 / 8, uploadThroughput: 1.5e6 / 8 });
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.addInitScript(measure);
    await page.goto(address, { waitUntil: "load" });
    await page.waitForFunction(() => {
      const busy = document.querySelector('#app .late[aria-busy="true"]');
      return document.querySelector("#app h1") && !busy && document.readyState === "complete";
    });
    // The last paint is reported when the page has come to rest.
    let before = -1;
    await until("nothing is painted any more", 10_000, async () => {
      await page.waitForTimeout(150);
      const now = await page.evaluate(() => window.seen.lcp + window.seen.cls);
      const rest = now === before;
      before = now;
      return rest;
    });
    figures.push(await page.evaluate(() => window.seen));
    await window.context.close();
  }
  const figure = (name) => median(figures.map((seen) => seen[name]));
  const all = figures.map((seen) => Math.round(seen.lcp)).join(", ");
  const result = { fcp: Math.round(figure("fcp")), lcp: Math.round(figure("lcp")), cls: Math.max(...figures.map((seen) => seen.cls)) };
  stage.note(`${address}: FCP ${result.fcp} ms, LCP ${result.lcp} ms (${all}; ${figures[0].element}), worst CLS ${result.cls.toFixed(4)}`);
  return result;
}

// PERF-03, UI-02: the words of the start page are in the first answer: before the app, and without scripts at all.
test("the start page can be read before the app is there", async (stage) => {
  for (const lang of ["nl", "en"]) {
    const window = await stage.open({ lang });
    window.allow(/request failed: .*\.wasm/, /net::ERR_FAILED/, /answer: 4/, /Failed to/);
    await window.page.route("**/*.wasm", (route) => route.abort("failed"));
    await window.page.goto("/", { waitUntil: "commit" });
    await window.page.getByRole("heading", { level: 1, name: TEXTS[lang].landing.title }).waitFor();
    assert.equal(await window.page.locator("#app h1").count(), 0, "the app is not there");
    assert.equal(await window.page.locator("h1:visible").count(), 1);
    // Where the app is needed, its absence is said, with a way to try again.
    await window.page.goto("/app");
    await window.page.locator("#shell [role=alert] h1:visible").first().waitFor();
    assert.equal(await window.page.locator("h1:visible").count(), 1);
  }
  const plain = await stage.open({ javaScriptEnabled: false, stored: false });
  await plain.page.goto("/");
  await plain.page.getByRole("heading", { level: 1, name: TEXTS.nl.landing.title }).waitFor();
  // Whoever cannot sign in reads why, in both languages, on every page.
  for (const address of ["/", "/login", "/app"]) {
    await plain.page.goto(address);
    await plain.page.getByText("Inloggen vraagt JavaScript").waitFor();
    await plain.page.getByText("Signing in needs JavaScript").waitFor();
  }
});

// PERF-03, UI-02: first paint, largest paint and shifts as a phone sees them.
test(
  "the first view is there in time and does not jump",
  async (stage) => {
    if (!release) {
      stage.note("not measured: MVAI_RELEASE=1 says that dist/ holds the release build");
      return;
    }
    const landing = await visit(stage, "/");
    const login = await visit(stage, "/login");
    const overview = await visit(stage, "/app", (window) => window.app.signIn(largest(stage.seed).access_code));
    for (const [name, { cls }] of Object.entries({ landing, login, overview })) assert.ok(cls < 0.02, `${name}: CLS ${cls}`);
    assert.ok(landing.lcp < 1_200, `landing: LCP ${landing.lcp} ms`);
    assert.ok(overview.lcp < 2_000, `overview: LCP ${overview.lcp} ms`);
  },
  { limit: 240_000 },
);
