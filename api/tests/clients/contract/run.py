"""Schemathesis with all its checks finds nothing, as a key, as an owner and as a member of staff.

The server runs on demonstration data of its own. `cargo xtask contract` installs Schemathesis and runs this file, if
need be with the names of callers; `MVAI_BIN` names the program. What is left out, and why, is in `schemathesis.toml`.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
sys.path.append(str(HERE.parent))

from server import Server  # noqa: E402

DOCUMENT = HERE.parent.parent.parent.parent / "openapi/openapi.json"
# For each caller; what is left of it after every operation was tried goes into chance and into chains of requests.
SECONDS = 60
# Enough to have something of everything.
LOGS = 3_000
ADMIN = r"^/api/v1/admin/"
SCOPES = ["logs:read", "logs:write", "analytics:read", "export:read", "keys:read", "keys:manage"]


def seeded(folder):
    """Demonstration customers; gives how they and the staff sign in."""
    command = [os.environ["MVAI_BIN"], "seed-demo", "--database-path", f"{folder}/mvai.db", "--logs", str(LOGS), "--json"]
    # The key that the server has as well, or no code and key would fit.
    env = {"APP_ENV": "development", "SECRET_KEY": Server.SECRET_KEY}
    return json.loads(subprocess.run(command, env=env, cwd=folder, check=True, capture_output=True).stdout)


def credential(server, demo, caller):
    """The headers of a caller, and which operations it is asked about."""
    if caller == "staff":
        staff = {"username": demo["admin"]["username"], "password": demo["admin"]["password"]}
        token = server.call("POST", "/api/v1/auth/login", body=staff)["access_token"]
        return token, ["--include-path-regex", r"^/api/v1/(admin|auth|health|me|permissions)"]
    code = {"access_code": demo["customers"][0]["access_code"]}
    token = server.call("POST", "/api/v1/auth/login", body=code)["access_token"]
    if caller == "key":
        token = server.call("POST", "/api/v1/keys", token, {"name": "Schemathesis", "scopes": SCOPES})["api_key"]
    return token, ["--exclude-path-regex", ADMIN]


def examine(server, caller, token, operations):
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", HERE / "schemathesis.toml"]
    command += ["run", DOCUMENT, "--url", server.base, "--max-time", str(SECONDS)]
    command += ["--header", f"Authorization: Bearer {token}", *operations]
    print(f"── {caller}", flush=True)
    env = os.environ | {"SCHEMATHESIS_HOOKS": str(HERE / "hooks.py")}
    return subprocess.run(command, cwd=server.folder, env=env, check=False).returncode


def main():
    with tempfile.TemporaryDirectory() as folder:
        demo = seeded(folder)
        server = Server(folder)
        try:
            # All sign in first: made-up sign-ins slow strangers down, and a runner is one.
            callers = [(caller, *credential(server, demo, caller)) for caller in sys.argv[1:] or ["key", "owner", "staff"]]
            codes = [examine(server, *caller) for caller in callers]
        finally:
            server.kill()
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
