// How fast the first view is, and that the start page needs neither the app nor scripts to be read.
// The figures are taken on the release build alone: MVAI_RELEASE=1.
import assert from "node:assert/strict";
import path from "node:path";

import { Api } from "./lib/api.mjs";
import { largest } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";
import { TEXTS } from "./lib/texts.mjs";
import { sleep, until } from "./lib/wait.mjs";

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
    const asked = window.requests.map((line) => new URL(line.split(" ")[1]).pathname);
    // The last paint is reported when the page has come to rest.
    let before = -1;
    await until("nothing is painted any more", 10_000, async () => {
      await page.waitForTimeout(150);
      const now = await page.evaluate(() => window.seen.lcp + window.seen.cls);
      const rest = now === before;
      before = now;
      return rest;
    });
    figures.push({ ...(await page.evaluate(() => window.seen)), asked });
    await window.context.close();
  }
  const figure = (name) => median(figures.map((seen) => seen[name]));
  const all = figures.map((seen) => Math.round(seen.lcp)).join(", ");
  const result = {
    fcp: Math.round(figure("fcp")),
    lcp: Math.round(figure("lcp")),
    cls: Math.max(...figures.map((seen) => seen.cls)),
    files: [...new Set(figures.flatMap((seen) => seen.asked))].filter((path) => /\.(wasm|woff2)$/.test(path)),
  };
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
    // What `cargo xtask size` counts as a first visit is what a browser asks for.
    const kinds = (files) => files.map((file) => path.basename(file).replace(/-?[0-9a-f]{16}/, "")).sort();
    assert.deepEqual(kinds(landing.files), ["frontend_bg.wasm", "geist.woff2"]);
    for (const { files } of [login, overview]) assert.deepEqual(kinds(files), ["frontend_bg.wasm", "geist-mono.woff2", "geist.woff2"]);
  },
  { limit: 240_000 },
);

/** Goes into the page before its own scripts: how long each act of a person took, from the input to the next paint. */
const watchInput = () => {
  window.inputs = [];
  const add = (list) => list.getEntries().forEach((entry) => entry.interactionId > 0 && window.inputs.push([`${entry.name} ${entry.target?.id || entry.target?.className || ""}`, entry.duration]));
  new PerformanceObserver(add).observe({ type: "event", durationThreshold: 16, buffered: true });
};

// PERF-03, UI-02: at a quarter of the speed the explorer answers each key and click at once, with fifty rows and while
// logs arrive.
test(
  "the explorer answers while logs arrive",
  async (stage) => {
    if (!release) {
      stage.note("not measured: MVAI_RELEASE=1 says that dist/ holds the release build");
      return;
    }
    const tenant = largest(stage.seed);
    const api = await Api.signIn(stage.base, { access_code: tenant.access_code });
    const { app, page, context } = await stage.open({ size: { width: 1440, height: 900 }, reducedMotion: null });
    await page.addInitScript(watchInput);
    await app.signIn(tenant.access_code);
    await app.go("/app/logs");
    await app.rows().nth(49).waitFor();
    await page.getByRole("button", { name: app.t.logs.live, exact: true }).click();
    await page.getByText(app.t.overview.live, { exact: true }).waitFor();
    const session = await context.newCDPSession(page);
    await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    await page.evaluate(() => (window.inputs.length = 0));
    // Five logs a second, until everything was pressed.
    let sent = 0;
    let over = false;
    const stream = (async () => {
      while (!over) {
        await api.post("/logs", { txt: `container ${(sent += 1)} in rotterdam`, temperatuur: sent % 9 });
        await sleep(200);
      }
    })();
    await page.locator("#q").click();
    await page.keyboard.type("rotterdam", { delay: 90 });
    await page.keyboard.press("Enter");
    await app.settled();
    await sleep(1_500);
    await app.rows().nth(2).locator(".rowbtn").click();
    await page.locator("#detail-title").waitFor();
    await sleep(800);
    await page.locator("dialog.drawer").getByRole("button", { name: app.t.logs.close_detail }).click();
    await page.locator("#q").click();
    await page.keyboard.type(" container", { delay: 90 });
    for (let presses = 0; presses < 10; presses += 1) await page.keyboard.press("Backspace", { delay: 60 });
    await sleep(1_000);
    over = true;
    await stream;
    const inputs = await page.evaluate(() => window.inputs);
    const [name, worst] = inputs.sort(([, a], [, b]) => b - a)[0] ?? ["", 0];
    const slow = inputs.filter(([, duration]) => duration >= 100);
    stage.note(`explorer, 50 rows, live, 4×: worst input to paint ${worst} ms (${name}), ${slow.length} of ${inputs.length} at 100 ms or more; ${sent} logs arrived`);
    if (slow.length > 0) stage.note(slow.map(([name, duration]) => `${name} ${duration}`).join(", "));
    assert.ok(sent > 20, `${sent} logs arrived`);
    assert.ok(inputs.length > 10, `${inputs.length} acts were seen`);
    // The goal is 150 ms; the figure is told, and what nobody would call prompt fails on any machine.
    assert.ok(worst < 500, `input to paint ${worst} ms (${name})`);
  },
  { limit: 120_000 },
);
