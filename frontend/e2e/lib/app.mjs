// The app as a person sees it: pages by their addresses, controls by the words on them.
import assert from "node:assert/strict";

import { TEXTS } from "./texts.mjs";
import { until } from "./wait.mjs";

export class App {
  constructor(page, lang) {
    this.page = page;
    this.lang = lang;
  }

  /** The words in the language of the window. */
  get t() {
    return TEXTS[this.lang];
  }

  /** Loads an address and waits until the page is complete. */
  async go(path) {
    const answer = await this.page.goto(path, { waitUntil: "load" });
    await this.ready();
    return answer;
  }

  /** Waits until a heading stands there, nothing is on its way any more, and the chart is drawn. */
  async ready() {
    await this.page.waitForFunction(() => {
      const heading = document.querySelector("#app h1");
      const busy = document.querySelector('#app .late[aria-busy="true"], #app .bone, #app [aria-busy="true"]');
      const undrawn = [...document.querySelectorAll(".plot")].some((plot) => !plot.querySelector("path:is(.area, .bars)[d^=M]"));
      return heading?.getClientRects().length > 0 && !busy && !undrawn;
    });
    await this.page.evaluate(() => document.fonts.ready.then(() => {}));
  }

  /** The heading of the page. */
  heading = () => this.page.locator("#app h1");

  button = (name, scope = this.page) => scope.getByRole("button", { name, exact: typeof name === "string" });
  link = (name, scope = this.page) => scope.getByRole("link", { name, exact: typeof name === "string" });
  dialog = () => this.page.locator("dialog[open]");
  toast = (text) => this.page.locator(".toast", { hasText: text });

  /** Signs a customer in; the form is filled and sent. */
  async signIn(code, { address = "/login", arrive = "**/app" } = {}) {
    await this.go(address);
    await this.page.fill("#code", code);
    await this.page.press("#code", "Enter");
    if (arrive) await this.arrived(arrive);
  }

  /** Signs the member of staff in. */
  async signInStaff({ username, password }, { address = "/admin/login", arrive = "**/admin" } = {}) {
    await this.go(address);
    await this.page.fill("#username", username);
    await this.page.fill("#password", password);
    await this.page.press("#password", "Enter");
    if (arrive) await this.arrived(arrive);
  }

  async arrived(pattern) {
    await this.page.waitForURL(pattern);
    await this.ready();
  }

  /** Signs out by the button that is there at this width. */
  async signOut() {
    const more = this.page.locator('[popovertarget="more"]');
    if (await more.isVisible()) {
      await more.click();
      await this.page.locator("#more").getByRole("button", { name: this.t.shell.sign_out }).click();
    } else {
      await this.button(this.t.shell.sign_out, this.page.locator(".side-end")).click();
    }
    await this.page.waitForURL(/login/);
    await this.ready();
  }

  /** The figure below a heading of the overview, as a number. */
  async figure(label) {
    const text = await this.page.locator(".kpi", { has: this.page.getByText(label, { exact: true }) }).locator(".val").first().innerText();
    return Number(text.split(/\s(?=\D)/)[0].replace(/[^\d-]/g, ""));
  }

  /** Waits until a figure has a value. */
  figureIs(label, value) {
    return until(`'${label}' is ${value}`, 10_000, async () => (await this.figure(label)) === value);
  }

  /** The spoken text of the last day of the chart. */
  async lastDay() {
    return this.page.locator("input.cursor").first().getAttribute("aria-valuetext");
  }

  /** Rows of the table of logs or of the newest logs. */
  rows = (text) => this.page.locator("table.data tbody tr", text === undefined ? {} : { hasText: text });

  /** Searches in the explorer. */
  async search(query) {
    await this.page.fill("#q", query);
    await this.page.press("#q", "Enter");
    await until(`the address holds the query`, 10_000, () => (new URL(this.page.url()).searchParams.get("q") ?? "") === query.trim());
    await this.settled();
  }

  /** Waits until the results are those of the query. */
  async settled() {
    await this.page.waitForFunction(() => !document.querySelector(".explore .dim, .explore .late"));
  }

  /** What has the focus, in short. */
  focused() {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return "body";
      const id = element.id ? `#${element.id}` : "";
      return [`${element.tagName.toLowerCase()}${id}`, ...element.classList].join(".");
    });
  }

  /** Whether what has the focus shows it. */
  focusIsVisible() {
    return this.page.evaluate(() => {
      const element = document.activeElement;
      const look = (node) => {
        const style = getComputedStyle(node);
        return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== "none";
      };
      return element.matches(":focus-visible") && look(element);
    });
  }

  /** Presses Tab until something that matches has the focus. */
  async tabTo(selector, { back = false, most = 60 } = {}) {
    for (let step = 0; step < most; step += 1) {
      await this.page.keyboard.press(back ? "Shift+Tab" : "Tab");
      if (await this.page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    }
    assert.fail(`Tab does not reach ${selector}; the focus is on ${await this.focused()}`);
  }
}
