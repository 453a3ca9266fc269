// What must hold on every page, in every language, theme and width.
import { axeSource, load } from "./browser.mjs";
import { foreignTo } from "./texts.mjs";

const { HtmlValidate } = load("html-validate");
const AXE = axeSource();
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

const markup = new HtmlValidate({
  extends: ["html-validate:recommended", "html-validate:a11y"],
  rules: {
    // Roles of tables and lists are written out, because style sheets take them away.
    "no-redundant-role": "off",
    "prefer-native-element": "off",
    // Serialised documents are not what the server sent.
    "doctype-style": "off",
    "no-inline-style": "off",
    // The app marks places with comments, in text areas too; dialogs are inert or make the rest inert.
    "no-raw-characters": "off",
    "unique-landmark": "off",
    "void-style": "off",
    "attribute-boolean-style": "off",
    "attribute-empty-style": "off",
    "no-implicit-button-type": "error",
    "long-title": "off",
    "no-trailing-whitespace": "off",
    "element-required-attributes": "error",
  },
});

/** Marks of the other language; texts of customers stand in places that are left out. */
const MARKS = {
  nl: "\\b(the|and|your|with|this|from|not)\\b",
  en: "\\b(de|het|een|niet|uw|voor|met|van|zonder|naar)\\b",
};

/** Counts what scripts may not do; goes into every page before its own scripts. */
export const watchStyles = () => {
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (String(name).toLowerCase() === "style") console.error(`style attribute set on ${this.tagName}`);
    return set.call(this, name, value);
  };
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`content security policy: ${event.violatedDirective} ${event.blockedURI}`),
  );
};

/**
 * Violations that axe finds in the page as it is now, or in the dialog that is open: what lies behind it is inert, and is looked at
 * without the dialog. `colours` asks for those alone that a theme can change.
 */
export async function axe(page, { colours = false } = {}) {
  await page.evaluate(() => {
    // Blur and soft light make contrast undecidable for axe, not for the eye. A constructed style sheet is no inline one.
    if (!window.flat) {
      window.flat = new CSSStyleSheet();
      window.flat.replaceSync(".hero::before{display:none}.top,.bar1{backdrop-filter:none!important;background:var(--bg)!important}");
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, window.flat];
    }
  });
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(AXE);
  const runOnly = colours ? { type: "rule", values: ["color-contrast", "link-in-text-block"] } : { type: "tag", values: TAGS };
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await window.axe.run(document.querySelector("dialog:modal") ?? document, { runOnly, resultTypes: ["violations"] });
    return violations.map(({ id, impact, nodes }) => {
      const [{ target, failureSummary }] = nodes;
      const why = (failureSummary ?? "").split("\n").slice(1).join(" ").trim().slice(0, 160);
      return `axe ${impact} ${id} ×${nodes.length}: ${target.join(" ")} (${why})`;
    });
  }, runOnly);
  return found;
}

/** What depends on the width: text that is too small, things that stick out. */
export async function layout(page) {
  return page.evaluate(() => {
    const faults = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const small = new Set();
    for (let node; (node = walker.nextNode()); ) {
      const parent = node.parentElement;
      if (!node.data.trim() || parent.closest("script,style,noscript") || parent.getClientRects().length === 0) continue;
      const size = parseFloat(getComputedStyle(parent).fontSize);
      if (size < 12) small.add(`text of ${size} px: ${node.data.trim().slice(0, 30)}`);
    }
    faults.push(...[...small].slice(0, 3));
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.querySelectorAll("body *")].filter((element) => {
        if (element.getBoundingClientRect().right <= root.clientWidth + 1) return false;
        for (let node = element.parentElement; node && node !== document.body; node = node.parentElement) {
          if (getComputedStyle(node).overflowX !== "visible") return false;
        }
        return true;
      });
      const names = wide.slice(-3).map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`);
      faults.push(`sticks out by ${root.scrollWidth - root.clientWidth} px: ${names.join(", ")}`);
    }
    return faults;
  });
}

/** What does not depend on width or theme: structure, title, language. */
export async function structure(page, lang) {
  const faults = await page.evaluate(
    ({ lang, foreign, marks }) => {
      const found = [];
      const root = document.documentElement;
      if (root.lang !== lang) found.push(`lang is ${root.lang}`);
      const visible = (element) => element.getClientRects().length > 0;
      const headings = [...document.querySelectorAll("h1")].filter(visible);
      if (headings.length !== 1) found.push(`${headings.length} h1`);
      const heading = headings[0]?.innerText.trim();
      if (!document.title.startsWith(`${heading} · `) || !document.title.endsWith(" · MVAI Connexx")) {
        found.push(`title '${document.title}' for '${heading}'`);
      }
      const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
      const twice = [...new Set(ids.filter((id, index) => ids.indexOf(id) !== index))];
      if (twice.length > 0) found.push(`ids used twice: ${twice.join(", ")}`);
      const untyped = [...document.querySelectorAll("button:not([type])")];
      if (untyped.length > 0) found.push(`${untyped.length} buttons without a type`);
      if (document.querySelectorAll("main").length !== 1) found.push("not exactly one main");
      // Those that take no time are there for what waits for their end.
      const moving = document.getAnimations().filter((animation) => animation.effect?.getComputedTiming().duration > 1);
      if (moving.length > 0) found.push("something moves although reduced motion is asked for");

      const others = new Set(foreign);
      const texts = [];
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node; (node = walker.nextNode()); ) {
        const parent = node.parentElement;
        const text = node.data.replace(/\s+/g, " ").trim();
        if (!text || parent.closest("script,style,noscript,svg") || !visible(parent)) continue;
        if (parent.closest("[lang]").lang !== lang) continue;
        texts.push([text, parent]);
      }
      for (const element of document.querySelectorAll("[aria-label],[title],[placeholder],[alt]")) {
        if (!visible(element) || element.closest("[lang]").lang !== lang) continue;
        for (const name of ["aria-label", "title", "placeholder", "alt"]) {
          const text = element.getAttribute(name);
          if (text) texts.push([text, element]);
        }
      }
      // Names, messages and notes are the customers' own words.
      const own = "td,th[scope=row],dd,pre,code,h1,output,option,.big,.who,.badge,.near,.hint:not(.field .hint),.banner,[id^=dialog]";
      const mark = new RegExp(marks, "i");
      for (const [text, element] of texts) {
        if (others.has(text)) found.push(`text of the other language: ${text.slice(0, 60)}`);
        else if (!element.closest(own) && mark.test(text)) found.push(`word of the other language: ${text.slice(0, 60)}`);
      }
      return [...new Set(found)];
    },
    { lang, foreign: foreignTo(lang), marks: MARKS[lang] },
  );
  const report = await markup.validateString(await page.content());
  const faulty = report.results.flatMap((result) => result.messages);
  const seen = new Set();
  for (const { ruleId, message, selector } of faulty) {
    const line = `markup ${ruleId}: ${message} (${selector ?? ""})`;
    if (!seen.has(`${ruleId} ${message}`)) faults.push(line);
    seen.add(`${ruleId} ${message}`);
  }
  return faults;
}
