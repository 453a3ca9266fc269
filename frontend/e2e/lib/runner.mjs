// A small runner: tests in the order of the files, one line for each, what is needed to understand a failure saved.
import fs from "node:fs";
import path from "node:path";

import { within } from "./wait.mjs";

/** Lines of a failure that are printed; all of them are saved. */
const MOST_LINES = 60;

const found = [];
let file = "";

/** Registers a test; `fn` gets a `Stage`. */
export const test = (name, fn, { limit = 90_000 } = {}) => found.push({ file, name, fn, limit });
/** Registers a test that goes the way of a person from beginning to end. */
export const journey = (name, fn, { limit = 150_000 } = {}) => found.push({ file, name, fn, limit });

/** Loads the files, which register their tests. */
export async function collect(files) {
  for (const url of files) {
    file = path.basename(url.pathname);
    await import(url);
  }
}

const matches = (words) => ({ file, name }) =>
  words.length === 0 || words.some((word) => `${file} ${name}`.toLowerCase().includes(word.toLowerCase()));

/** Runs what the words choose, all without words; gives the number of tests that passed and failed. */
export async function run({ words, output, makeStage }) {
  const failures = [];
  const chosen = found.filter(matches(words));
  let current = "";
  // A browser on a loaded machine may miss a limit once; what fails twice has failed. Both tries are shown.
  const tries = chosen.map((entry, index) => ({ entry, index, last: false }));
  for (let at = 0; at < tries.length; at += 1) {
    const { entry, index, last } = tries[at];
    if (entry.file !== current) console.log(`\n${(current = entry.file)}`);
    const stage = makeStage(entry);
    const started = Date.now();
    let failure = null;
    try {
      await within(entry.name, entry.limit, entry.fn(stage));
      stage.check();
    } catch (error) {
      failure = error;
    }
    const seconds = ((Date.now() - started) / 1_000).toFixed(1);
    console.log(`  ${failure ? "FAILED" : "ok"}  ${entry.name}${last ? ", second try" : ""} (${seconds} s)`);
    for (const note of stage.notes) console.log(`          ${note}`);
    if (failure) {
      const name = `${String(index + 1).padStart(2, "0")}-${entry.name.replace(/[^a-z0-9]+/gi, "-").slice(0, 60)}`;
      const saved = path.join(output, name);
      const text = `${failure.stack ?? failure}`;
      const lines = text.split("\n");
      console.log(lines.slice(0, MOST_LINES).join("\n").replace(/^/gm, "          "));
      if (lines.length > MOST_LINES) console.log(`          … ${lines.length - MOST_LINES} more lines`);
      await stage.save(saved).catch((error) => console.log(`          nothing saved: ${error.message}`));
      fs.writeFileSync(`${saved}.txt`, `${entry.file}: ${entry.name}\n\n${text}\n\n${stage.report()}`);
      console.log(`          see ${path.relative(process.cwd(), saved)}*`);
      if (last) failures.push(entry);
      else tries.splice(at + 1, 0, { entry, index, last: true });
    }
    await stage.close();
  }
  if (failures.length > 0) {
    console.log("\nfailed:");
    for (const entry of failures) console.log(`  ${entry.file}: ${entry.name}`);
  }
  return { passed: chosen.length - failures.length, failed: failures.length };
}
