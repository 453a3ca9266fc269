// A server of its own for the tests: free port, fresh database in a temporary folder, demonstration data.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

import { until } from "./wait.mjs";

// Settings of the machine must not change what is tested.
const SETTINGS = new RegExp(
  "^(APP_ENV|FLASK_ENV|ADMIN_PASSWORD|BIND|PORT|DURABILITY|PUBLIC_URL|TIME_ZONE|TRUSTED_PROXIES" +
    "|(SECRET_KEY|DATABASE_|DEFAULT_|SESSION_|RATELIMIT_|RATE_LIMIT_|LOG_|MVAI_).*)$",
);

function environment(extra) {
  const kept = Object.entries(process.env).filter(([name]) => !SETTINGS.test(name));
  return { ...Object.fromEntries(kept), LOG_LEVEL: "warn", ...extra };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A running server. */
export class Server {
  /** Starts one on its own database; `seed` fills that with about so many `logs` of demonstration data first. */
  static async start({ log, seed = false, logs = 3_000, port, env = {} }) {
    const program = process.env.MVAI_BIN;
    if (!program) throw new Error("MVAI_BIN must name the program mvai-connexx");
    const server = new Server();
    server.folder = fs.mkdtempSync(path.join(os.tmpdir(), "mvai-e2e-"));
    server.database = path.join(server.folder, "e2e.db");
    try {
      if (seed) server.seed = server.#fill(program, logs);
      await server.#serve(program, log, port ?? (await freePort()), env);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  #fill(program, logs) {
    const words = ["seed-demo", "--database-path", this.database, "--seed", "42", "--json", "--logs", String(logs)];
    const done = spawnSync(program, words, { cwd: this.folder, env: environment(), encoding: "utf8", timeout: 600_000 });
    if (done.status !== 0) throw new Error(`seed-demo failed (${done.status}): ${done.stderr}`);
    return JSON.parse(done.stdout.trim().split("\n").at(-1));
  }

  async #serve(program, log, port, env) {
    this.base = `http://127.0.0.1:${port}`;
    const words = ["serve", "--bind", "127.0.0.1", "--port", String(port), "--database-path", this.database];
    const out = fs.openSync(log, "w");
    this.child = spawn(program, words, { cwd: this.folder, env: environment(env), stdio: ["ignore", out, out] });
    fs.closeSync(out);
    await until("the server answers", 30_000, async () => {
      if (this.child.exitCode !== null) throw new Error(`the server ended (${this.child.exitCode}), see ${log}`);
      return fetch(`${this.base}/api/v1/health`).then((answer) => answer.ok, () => false);
    });
  }

  /** Stops this server and removes its data. */
  async stop() {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), 5_000);
      await ended;
      clearTimeout(late);
    }
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
