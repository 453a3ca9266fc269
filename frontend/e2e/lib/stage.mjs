// What a test works with: windows that watch themselves. A console message, a failed request, a request to another
// host or a dialog that the test did not expect fails it, whatever else it looks at.
import fs from "node:fs";

import { App } from "./app.mjs";

/** Sizes of windows. */
export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

const PATIENCE = 15_000;

/** A browser context with its pages, and all that happens in it. */
export class Window {
  static async open(stage, { lang = "nl", theme, size = DESKTOP, stored = true, permissions, ...options } = {}) {
    const window = new Window();
    Object.assign(window, { stage, lang, events: [], unexpected: [], allowed: [], dialogs: [], requests: [] });
    window.context = await stage.browser.newContext({
      viewport: size,
      colorScheme: "light",
      reducedMotion: "reduce",
      hasTouch: size.width < 600,
      isMobile: size.width < 600,
      locale: lang === "en" ? "en-GB" : "nl-NL",
      timezoneId: "Europe/Amsterdam",
      acceptDownloads: true,
      baseURL: stage.base,
      ...options,
    });
    window.context.setDefaultTimeout(PATIENCE);
    if (permissions) await window.context.grantPermissions(permissions, { origin: stage.base });
    if (stored) {
      // As somebody who chose before; only for the first page, later choices stay.
      await window.context.addInitScript(([lang, theme]) => {
        if (location.protocol === "about:") return;
        if (localStorage.getItem("lang") === null) localStorage.setItem("lang", lang);
        if (theme && localStorage.getItem("theme") === null) localStorage.setItem("theme", theme);
      }, [lang, theme]);
    }
    window.context.on("page", (page) => window.#watch(page));
    window.page = await window.context.newPage();
    window.app = new App(window.page, lang);
    return window;
  }

  /** Lets messages and failures pass that match. */
  allow(...patterns) {
    this.allowed.push(...patterns);
    return this;
  }

  #note(kind, text, counts = true) {
    const line = `${kind}: ${text}`;
    this.events.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
    if (counts) this.unexpected.push(line);
  }

  /** What happened and was not allowed. */
  faults() {
    return this.unexpected.filter((line) => !this.allowed.some((pattern) => pattern.test(line)));
  }

  #watch(page) {
    page.on("console", (message) => {
      const counts = ["error", "warning"].includes(message.type());
      const text = message.text().split("\n")[0];
      this.#note(`console ${message.type()}`, `${text} (${message.location().url})`, counts);
    });
    page.on("pageerror", (error) => this.#note("page error", error.stack ?? String(error)));
    page.on("crash", () => this.#note("crash", page.url()));
    page.on("dialog", async (dialog) => {
      this.dialogs.push(dialog.type());
      // The app asks before it leaves a secret that is shown once; no other dialog may ever open.
      this.#note("dialog", `${dialog.type()} ${dialog.message()}`, dialog.type() !== "beforeunload");
      await dialog.accept().catch(() => {});
    });
    page.on("request", (request) => {
      const url = new URL(request.url());
      this.requests.push(`${request.method()} ${request.url()}`);
      const own = url.origin === this.stage.base || ["data:", "blob:"].includes(url.protocol);
      if (!own) this.#note("request to another host", request.url());
    });
    page.on("requestfailed", (request) => {
      const reason = request.failure()?.errorText ?? "";
      // Calls end with the page that made them.
      this.#note("request failed", `${reason} ${request.method()} ${request.url()}`, reason !== "net::ERR_ABORTED");
    });
    page.on("response", (response) => {
      const line = `${response.status()} ${response.request().method()} ${response.url()}`;
      this.#note("answer", line, response.status() >= 400);
    });
  }
}

/** Everything that one test opens. */
export class Stage {
  constructor({ browser, server, entry }) {
    Object.assign(this, { browser, server, entry, base: server.base, seed: server.seed, windows: [], notes: [], cleaners: [] });
  }

  /** Opens a window of its own: own cookies, own storage. */
  async open(options) {
    const window = await Window.open(this, options);
    this.windows.push(window);
    return window;
  }

  /** Prints a line below the result. */
  note(text) {
    this.notes.push(text);
  }

  /** Runs something when the test is over, whatever its result. */
  after(run) {
    this.cleaners.push(run);
  }

  /** Fails when anything happened that was not expected. */
  check() {
    const faults = this.windows.flatMap((window) => window.faults());
    if (faults.length > 0) throw new Error(`not expected in the browser:\n${[...new Set(faults)].join("\n")}`);
  }

  report() {
    return this.windows.map((window, index) => `window ${index + 1}\n${window.events.join("\n")}`).join("\n\n");
  }

  /** Saves what the pages look like. */
  async save(name) {
    for (const [index, window] of this.windows.entries()) {
      for (const page of window.context.pages()) {
        const path = `${name}-${index + 1}.png`;
        await page.screenshot({ path, timeout: 5_000 });
        fs.writeFileSync(`${name}-${index + 1}.html`, await page.content());
      }
    }
  }

  async close() {
    for (const run of this.cleaners.reverse()) await run().catch((error) => console.log(`          cleaning up: ${error.message}`));
    for (const window of this.windows) await window.context.close().catch(() => {});
  }
}
