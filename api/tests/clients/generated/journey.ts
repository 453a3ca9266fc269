// J1, API-14: the first visit by openapi-fetch with the types that openapi-typescript makes of the specification.

import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { paths } from "./api.js";

const baseUrl = process.env["BASE"]!;

function client(token?: string) {
  return createClient<paths>({ baseUrl, headers: token ? { Authorization: `Bearer ${token}` } : {} });
}

const credentials = { access_code: process.env["ACCESS_CODE"]! };
const session = await client().POST("/api/v1/auth/login", { body: credentials });
const owner = client(session.data!.access_token);
const first = await owner.POST("/api/v1/logs", { body: { kind: "scan", message: "Eerste log" } });
assert(first.data && "log_id" in first.data && first.data.log_id === 1);

const key = await owner.POST("/api/v1/keys", {
  body: { name: "TypeScript", scopes: ["logs:read", "logs:write", "export:read"] },
});
const system = client(key.data!.api_key);

const live = await system.GET("/api/v1/logs/stream", { parseAs: "stream" });
const second = await system.POST("/api/v1/logs", { body: { kind: "scan", message: "Tweede log", dock: 3 } });
assert(second.data && "log_id" in second.data);
let seen = "";
const text = new TextDecoderStream();
for await (const part of live.data!.pipeThrough(text)) {
  seen += part;
  if (seen.includes("Tweede log")) break;
}
assert.match(seen, new RegExp(`"id":${second.data.log_id}\\b`));

const batch = await system.POST("/api/v1/logs/batch", {
  body: '{"kind":"gate","dock":3}\n{"kind":"gate"\n{"kind":"gate","dock":4}\n',
  headers: { "Content-Type": "application/x-ndjson" },
  bodySerializer: (body) => body,
});
assert(batch.data);
assert.deepEqual([batch.data.created_count, batch.data.rejected_count, batch.data.errors[0]!.line], [2, 1, 2]);
const found = await system.GET("/api/v1/logs/search", { params: { query: { q: "dock:3" } } });
assert.deepEqual(found.data!.results.map((log) => log.id), [3, 2]);
assert.equal(found.data!.results[1]!.message, "Tweede log");
const exported = await system.GET("/api/v1/logs/export", {
  params: { query: { format: "ndjson" } },
  parseAs: "text",
});
assert.equal(exported.data!.trimEnd().split("\n").length, 4);

const refused = await client("mvai_live_onzin").POST("/api/v1/logs", { body: {} });
assert.equal(refused.error!.status, 401);
const wrong = await system.GET("/api/v1/logs/search", { params: { query: { q: "dock:>>" } } });
assert.equal(wrong.error!.code, "invalid_query");
