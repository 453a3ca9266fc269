// What tests share about the demonstration data and about data of their own.
import fs from "node:fs";

import { Api } from "./api.mjs";

let counter = 0;
/** A text that no other test uses, of letters that a search finds as one word. */
export const unique = (word) => `${word}${Date.now().toString(36)}${(counter += 1)}`;

/** The API of the member of staff of the demonstration. */
export const staffApi = ({ base, seed }) => Api.signIn(base, { username: seed.admin.username, password: seed.admin.password });

/** The largest customer of the demonstration. */
export const largest = (seed) => [...seed.customers].sort((a, b) => b.logs - a.logs)[0];

/** A customer of the test's own, with its access code. */
export async function newCustomer(stage, fields = {}) {
  const staff = await staffApi(stage);
  const name = unique("Proef ");
  const body = { name, contact_email: "proef@klant.example", plan: "mkb", language: "nl", time_zone: "Europe/Amsterdam", ...fields };
  const { access_code: code, ...customer } = await staff.post("/admin/customers", body);
  return { id: customer.id, name: customer.name, code, staff, api: await Api.signIn(stage.base, { access_code: code }) };
}

/** The text of a download. */
export async function downloaded(download) {
  return fs.readFileSync(await download.path(), "utf8");
}

/** Reads CSV as RFC 4180 says. */
export function readCsv(text) {
  const rows = [[""]];
  let quoted = false;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at += 1) {
    const sign = text[at];
    const row = rows.at(-1);
    if (quoted) {
      if (sign !== '"') row[row.length - 1] += sign;
      else if (text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
      else quoted = false;
    } else if (sign === '"') quoted = true;
    else if (sign === ",") row.push("");
    else if (sign === "\n") rows.push([""]);
    else if (sign !== "\r") row[row.length - 1] += sign;
  }
  if (rows.at(-1).length === 1 && rows.at(-1)[0] === "") rows.pop();
  const [head, ...body] = rows;
  return body.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index]])));
}
