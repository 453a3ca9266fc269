"""The real program on a file of its own, as tests with foreign clients meet it."""

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.request

PATIENCE_S = 60
PASSWORD = "vier woorden op een rij"


class Server:
    """The program on a file of its own; it may be killed and comes back at the same port."""

    SECRET_KEY = "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z"

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.crash = None
        self.start()

    def start(self):
        env = {
            "APP_ENV": "development",
            "SECRET_KEY": self.SECRET_KEY,
            "ADMIN_PASSWORD": PASSWORD,
            "BIND": "127.0.0.1",
            "PORT": str(self.port),
            "DATABASE_PATH": os.path.join(self.folder, "mvai.db"),
            "RATELIMIT_ENABLED": "false",
            "DEFAULT_PRICING_TIER": "enterprise",
            "LOG_LEVEL": "warn",
        }
        self.process = subprocess.Popen([os.environ["MVAI_BIN"], "serve"], cwd=self.folder, env=env)
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"{self.base}/api/v1/health", timeout=2).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("the server does not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def crash_soon(self):
        """Kills the program in the middle of what comes next, and starts it again."""

        def work():
            time.sleep(random.uniform(0.005, 0.05))
            self.kill()
            self.start()

        self.crash = threading.Thread(target=work)
        self.crash.start()

    def call(self, method, path, token=None, body=None):
        request = urllib.request.Request(self.base + path, method=method)
        request.add_header("content-type", "application/json")
        if token:
            request.add_header("authorization", f"Bearer {token}")
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(request, data, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def access_code(self):
        """Makes a customer."""
        admin = self.call("POST", "/api/v1/auth/login", body={"username": "admin", "password": PASSWORD})
        customer = {"name": "Verzender", "contact_email": "verzender@klant.example"}
        return self.call("POST", "/api/v1/admin/customers", admin["access_token"], customer)["access_code"]

    def key(self, *more):
        """Makes a customer and a key of it, with more scopes than those for logs if they are named."""
        owner = self.call("POST", "/api/v1/auth/login", body={"access_code": self.access_code()})
        scopes = {"name": "Verzender", "scopes": ["logs:write", "logs:read", *more]}
        return self.call("POST", "/api/v1/keys", owner["access_token"], scopes)["api_key"]
