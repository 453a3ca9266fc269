// The words on screen, read from the catalogue of the app, so that a test does not repeat them.
import fs from "node:fs";

const FOLDER = new URL("../../src/i18n/", import.meta.url);

const unescape = (text) =>
  text.replace(/\\(?:u\{([0-9a-fA-F]+)\}|\n\s*|(.))/g, (_, code, sign) => {
    if (code) return String.fromCodePoint(parseInt(code, 16));
    return sign === undefined ? "" : ({ n: "\n", t: "\t" }[sign] ?? sign);
  });

/** Reads one language: `texts.login.title`; texts with parts become functions of these parts. */
function read(lang) {
  const source = fs.readFileSync(new URL(`${lang}.rs`, FOLDER), "utf8");
  const texts = {};
  let section;
  const tokens = /^ {4}(\w+): \w+ \{$|^ {8}(\w+):\s+(?:\|([^|]*)\|\s*\{?\s*format!\(\s*)?"((?:[^"\\]|\\[^])*)"/gm;
  for (const [, name, key, args, text] of source.matchAll(tokens)) {
    if (name) {
      section = texts[name] = {};
    } else if (args === undefined) {
      section[key] = unescape(text);
    } else {
      const names = args.split(",").map((arg) => arg.trim());
      section[key] = (...values) =>
        unescape(text).replace(/\{(\w+)\}/g, (_, arg) => values[names.indexOf(arg)] ?? `{${arg}}`);
    }
  }
  return texts;
}

export const TEXTS = { nl: read("nl"), en: read("en") };

/** All texts without parts of a language. */
const plain = (lang) => Object.values(TEXTS[lang]).flatMap(Object.values).filter((text) => typeof text === "string");

/** Texts that exist in one language only: on a page of the other language they are a fault. */
export function foreignTo(lang) {
  const own = new Set(plain(lang).map((text) => text.trim()));
  return plain(lang === "nl" ? "en" : "nl").map((text) => text.trim()).filter((text) => text && !own.has(text));
}
