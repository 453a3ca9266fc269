#!/usr/bin/env python3
"""Simulated power cuts of the real server (goal D2 of the security page).

    crash.py run BINARY TOOL [--cuts N] [--seconds S] [--keep DIR]
        Records the server under load with `crashstates.py` (TOOL), once with DURABILITY=full and once, as the control,
        with DURABILITY=relaxed. Ends with 0 when no simulated cut lost an acknowledged log or left a damaged file with
        full, and when at least one did with relaxed.

    crash.py drive BINARY DIRECTORY DURABILITY SECONDS
        One recorded run: starts the server on DIRECTORY/mvai.db, writes logs by every way in from several connections,
        prints `ACK <n>` for each log whose 2xx answer has been read, and stops the server with SIGTERM.

Needs Linux, strace and Python 3.9 or later; nothing else.
"""
import argparse
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SECRET = "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z"
PASSWORD = "vier woorden op een rij"
WRITERS = 4
# Long enough for the server to fold its write-ahead log into the file, which happens when nothing is written.
PAUSE = 7
# A log without its words would be found by nobody. The table behind the word index can be read by any SQLite; the index
# itself needs 3.43, which Python rarely has.
QUERY = ("select cast(external_id as integer) from log where external_id is not null "
         "and id in (select id from log_words_docsize)")


def call(port, method, path, credential, body, kind="application/json"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": kind}
    if credential:
        headers["Authorization"] = "Bearer " + credential
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(method, path, data, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, json.loads(content) if content else None


def write_on(port, key, first, until, seed):
    """Each writer counts its own numbers: first, first + WRITERS, ..."""
    rng = random.Random(seed)
    number = first
    while time.monotonic() < until:
        count = rng.choice([1, 1, 1, rng.randrange(2, 40)])
        numbers = [number + WRITERS * at for at in range(count)]
        number += WRITERS * count
        logs = [{"external_id": str(n), "kind": rng.choice(["scan", "temp"]), "text": "pallet %d %s" % (n, "x" * rng.randrange(200))}
                for n in numbers]
        if count == 1:
            status, _ = call(port, "POST", "/api/v1/logs", key, logs[0])
        elif rng.random() < 0.5:
            status, _ = call(port, "POST", "/api/v1/logs/batch", key, {"logs": logs})
        else:
            lines = "\n".join(json.dumps(log) for log in logs).encode()
            status, _ = call(port, "POST", "/api/v1/logs/batch", key, lines, "application/x-ndjson")
        if status != 201:
            raise SystemExit("a log was answered with %d" % status)
        os.write(1, b"".join(b"ACK %d\n" % n for n in numbers))


def drive(binary, directory, durability, seconds):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {"APP_ENV": "development", "SECRET_KEY": SECRET, "ADMIN_PASSWORD": PASSWORD, "BIND": "127.0.0.1", "PORT": str(port),
           "DATABASE_PATH": os.path.join(directory, "mvai.db"), "DURABILITY": durability, "RATELIMIT_ENABLED": "false",
           "DEFAULT_PRICING_TIER": "enterprise", "LOG_LEVEL": "warn"}
    # The standard output of the run belongs to the ACK lines.
    server = subprocess.Popen([binary, "serve"], env=env, cwd=directory, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1200):
            try:
                if call(port, "GET", "/api/v1/health", None, b"")[0] == 200:
                    break
            except OSError:
                time.sleep(0.1)
        else:
            raise SystemExit("the server does not start")
        _, admin = call(port, "POST", "/api/v1/auth/login", None, {"username": "admin", "password": PASSWORD})
        admin = admin["access_token"]
        keys = []
        for name in ("Een", "Twee"):
            _, made = call(port, "POST", "/api/v1/admin/customers", admin, {"name": name, "contact_email": "a@b.example"})
            _, owner = call(port, "POST", "/api/v1/auth/login", None, {"access_code": made["access_code"]})
            _, key = call(port, "POST", "/api/v1/keys", owner["access_token"], {"name": "Sleutel"})
            keys.append(key["api_key"])
        # Two bursts with a pause between them, so that cuts fall before, within and after a checkpoint.
        for burst in range(2):
            until = time.monotonic() + seconds / 2
            first = burst * 10_000_000 + 1
            writers = [threading.Thread(target=write_on, args=(port, keys[n % 2], first + n, until, n)) for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            for writer in writers:
                writer.join()
            if burst == 0:
                time.sleep(PAUSE)
        server.send_signal(signal.SIGTERM)
        return server.wait(timeout=120)
    finally:
        if server.poll() is None:
            server.kill()


def run(binary, tool, cuts, seconds, keep):
    good = True
    base = keep or tempfile.mkdtemp(prefix="mvai-crash-")
    for durability in ("full", "relaxed"):
        directory = os.path.join(base, durability)
        os.makedirs(directory, exist_ok=True)
        me = [sys.executable, os.path.abspath(__file__), "drive", os.path.abspath(binary), directory, durability, str(seconds)]
        code = subprocess.run([sys.executable, tool, "run", os.path.join(directory, "out"), "--"] + me).returncode
        if code != 0:
            print("the recorded run ended with %d" % code)
            return 2
        check = [sys.executable, tool, "check", os.path.join(directory, "out"), os.path.join(directory, "mvai.db"),
                 "--cuts", str(cuts), "--query", QUERY]
        if durability == "relaxed":
            check.append("--expect-failure")
        print("DURABILITY=%s%s" % (durability, " (control: must lose)" if durability == "relaxed" else ""), flush=True)
        code = subprocess.run(check).returncode
        print("  -> %s" % {0: "as it must be", 1: "NOT as it must be"}.get(code, "the trace cannot be judged"), flush=True)
        good &= code == 0
    return 0 if good else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sub = parser.add_subparsers(dest="what", required=True)
    p = sub.add_parser("run")
    p.add_argument("binary")
    p.add_argument("tool")
    p.add_argument("--cuts", type=int, default=300)
    p.add_argument("--seconds", type=float, default=8)
    p.add_argument("--keep")
    p = sub.add_parser("drive")
    p.add_argument("binary")
    p.add_argument("directory")
    p.add_argument("durability", choices=["full", "relaxed"])
    p.add_argument("seconds", type=float)
    args = parser.parse_args()
    if args.what == "run":
        return run(args.binary, args.tool, args.cuts, args.seconds, args.keep)
    return drive(args.binary, args.directory, args.durability, args.seconds)


if __name__ == "__main__":
    sys.exit(main())
