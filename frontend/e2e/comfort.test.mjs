// What people set for themselves: larger text, own colours, less movement, fingers instead of a mouse.
import assert from "node:assert/strict";

import { layout } from "./lib/checks.mjs";
import { largest } from "./lib/data.mjs";
import { test } from "./lib/runner.mjs";

const PHONE = { width: 390, height: 844 };
const PAGES = ["/app", "/app/logs", "/app/analyse", "/app/analyse/cohorten", "/app/analyse/trechter?veld=order&stap1=quality_check&stap2=track_trace_update", "/app/soorten", "/app/quarantaine", "/app/sleutels", "/app/abonnement", "/app/account"];

/** Opens every page of a customer with one way of looking at it. */
async function each(stage, options, look) {
  const window = await stage.open(options);
  await window.app.signIn(largest(stage.seed).access_code);
  for (const address of PAGES) {
    await window.app.go(address);
    await look(window.page, address);
  }
}

// UI-01, UI-03: what a finger has to hit is at least 24 by 24 pixels, or is a link in a line of text.
test("targets are large enough for a finger", (stage) =>
  each(stage, { size: PHONE }, async (page, address) => {
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [role=option]")]
        .filter((node) => node.getClientRects().length > 0 && !node.closest(".skip"))
        .filter((node) => !(node.matches("a") && getComputedStyle(node).display === "inline"))
        .map((node) => {
          // A label around or beside a tick is part of its target.
          const label = node.matches("[type=checkbox], [type=radio]") ? node.labels?.[0] : null;
          const boxes = [node, label].filter(Boolean).map((part) => part.getBoundingClientRect());
          const size = (side) => Math.max(...boxes.map((box) => box[side]));
          return { name: `${node.tagName} ${node.id || node.className} ${node.textContent.trim().slice(0, 30)}`, width: size("width"), height: size("height") };
        })
        .filter(({ width, height }) => Math.min(width, height) < 23.5),
    );
    assert.deepEqual(small, [], address);
  }));

// UI-03, UI-01: text at twice its size neither overflows nor is cut off.
test("text at 200 % stays on the page", (stage) =>
  each(stage, {}, async (page, address) => {
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setFontSizes", { fontSizes: { standard: 32, fixed: 26 } });
    await page.waitForFunction(() => getComputedStyle(document.documentElement).fontSize === "32px");
    await page.waitForTimeout(150);
    assert.deepEqual(await layout(page), [], address);
  }));

// UI-04: with forced colours every control still has an edge and what is chosen can be told from what is not.
test("forced colours keep controls and choices visible", (stage) =>
  each(stage, { forcedColors: "active" }, async (page, address) => {
    assert.deepEqual(await layout(page), [], address);
    const bare = await page.evaluate(() =>
      [...document.querySelectorAll("main .btn:not(.ghost), main input:not([type=radio], [type=checkbox], [type=range]), main select, main textarea")]
        .filter((node) => node.getClientRects().length > 0)
        .filter((node) => ["none", "hidden"].includes(getComputedStyle(node).borderTopStyle) || getComputedStyle(node).borderTopWidth === "0px")
        .map((node) => node.outerHTML.slice(0, 80)),
    );
    assert.deepEqual(bare, [], `${address}: no edge`);
    const { current, other } = await page.evaluate(() => {
      const look = (node) => node && ["color", "backgroundColor", "borderTopColor", "outlineStyle", "textDecorationLine"].map((name) => getComputedStyle(node)[name]).join();
      return { current: look(document.querySelector("nav [aria-current=page]")), other: look(document.querySelector("nav li a:not([aria-current])")) };
    });
    assert.notEqual(current, other, `${address}: the current page looks like the others`);
  }));

// UI-04: whoever asks for less movement gets none that lasts.
test("reduced motion stops what moves", (stage) =>
  each(stage, { reducedMotion: "reduce" }, async (page, address) => {
    const moving = await page.evaluate(() =>
      [...document.querySelectorAll("*")]
        .map((node) => [node, getComputedStyle(node)])
        .filter(([, style]) => [style.transitionDuration, style.animationDuration].some((all) => all.split(",").some((time) => parseFloat(time) * (time.trim().endsWith("ms") ? 1 : 1000) > 20)))
        .map(([node]) => `${node.tagName}.${node.getAttribute("class") ?? ""}`),
    );
    assert.deepEqual([...new Set(moving)], [], address);
  }));
