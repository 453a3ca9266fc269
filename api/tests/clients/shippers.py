"""Real clients of log shippers against the real program, which is killed in the middle of each delivery.

Each client sends its records as its users would and repeats what was not acknowledged. In the end every record must
be there once. `cargo xtask test --clients` installs the packages and runs this file with the names of clients;
`MVAI_BIN` names the program.
"""

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
import urllib.request

RECORDS = 10_000
CHUNK = 250
PATIENCE_S = 60
PASSWORD = "vier woorden op een rij"


class Server:
    """The program on a file of its own; it may be killed and comes back at the same port."""

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
            "SECRET_KEY": "kJ8s0d9f7g6h5j4k3l2m1n0b9v8c7x6z",
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

    def key(self):
        admin = self.call("POST", "/api/v1/auth/login", body={"username": "admin", "password": PASSWORD})
        customer = {"name": "Verzender", "contact_email": "verzender@klant.example"}
        made = self.call("POST", "/api/v1/admin/customers", admin["access_token"], customer)
        owner = self.call("POST", "/api/v1/auth/login", body={"access_code": made["access_code"]})
        scopes = {"name": "Verzender", "scopes": ["logs:write", "logs:read"]}
        return self.call("POST", "/api/v1/keys", owner["access_token"], scopes)["api_key"]


def repeated(deliver, failures):
    """Delivers until it is acknowledged."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return deliver()
        except failures:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def bulk(server, client, helpers, failures, kind):
    """Sends documents with ids of their own by the client's helper for bulk requests."""
    assert repeated(client.info, failures)["version"]["number"]
    assert client.ping()
    for first in range(0, RECORDS, CHUNK):
        actions = [
            {"_op_type": "index", "_index": kind, "_id": f"{kind}-{at}", "message": f"{kind} {at}", "at": at}
            for at in range(first, first + CHUNK)
        ]
        if first == RECORDS // 2:
            server.crash_soon()
        stored, errors = repeated(lambda: helpers.bulk(client, actions, stats_only=False), failures)
        assert (stored, errors) == (CHUNK, []), errors
    server.crash.join()
    _, errors = helpers.bulk(client, [{"_op_type": "delete", "_index": kind, "_id": "x"}], raise_on_error=False)
    assert errors[0]["delete"]["status"] == 400, errors


def elastic(server, key):
    import elasticsearch
    from elasticsearch import helpers

    kind = f"elasticsearch{elasticsearch.__version__[0]}"
    client = elasticsearch.Elasticsearch(f"{server.base}/es", api_key=key, http_compress=True)
    bulk(server, client, helpers, (elasticsearch.ConnectionError, elasticsearch.ApiError), kind)
    return kind


def opensearch(server, key):
    import opensearchpy
    from opensearchpy import helpers

    client = opensearchpy.OpenSearch(f"{server.base}/es", http_auth=("shipper", key), http_compress=True)
    bulk(server, client, helpers, (opensearchpy.exceptions.TransportError,), "opensearch")
    return "opensearch"


def opentelemetry(server, key):
    """Sends by the exporter of the SDK, which repeats by itself."""
    from opentelemetry._logs import LogRecord, SeverityNumber
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
    from opentelemetry.sdk.resources import Resource

    kind = "opentelemetry"
    exporter = OTLPLogExporter(
        endpoint=f"{server.base}/otlp/v1/logs",
        headers={"authorization": f"Bearer {key}"},
        compression=Compression.Gzip,
        timeout=PATIENCE_S,
    )
    provider = LoggerProvider(resource=Resource.create({"service.name": kind}))
    processor = BatchLogRecordProcessor(exporter, max_queue_size=2 * RECORDS, max_export_batch_size=CHUNK)
    provider.add_log_record_processor(processor)
    logger = provider.get_logger("shippers")
    for at in range(RECORDS):
        now = time.time_ns()
        logger.emit(
            LogRecord(
                timestamp=now,
                observed_timestamp=now,
                severity_number=SeverityNumber.WARN,
                body=f"{kind} {at}",
                attributes={"at": at, "dock": "3"},
            )
        )
        if at == RECORDS // 2:
            server.crash_soon()
    assert provider.force_flush(PATIENCE_S * 1000)
    provider.shutdown()
    server.crash.join()
    return kind


def check(server, key, kind):
    """Every record is there, and once."""
    seen = []
    path = f"/api/v1/logs?q=kind:%3D{kind}&limit=1000&sort=id"
    cursor = None
    while True:
        page = server.call("GET", path + (f"&cursor={cursor}" if cursor else ""), key)
        seen += [int(log["message"].split()[1]) for log in page["logs"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    lost = RECORDS - len(set(seen))
    doubled = len(seen) - len(set(seen))
    print(f"{kind}: {len(seen)} stored, {lost} lost, {doubled} doubled", flush=True)
    return lost == 0 and doubled == 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            key = server.key()
            clients = {"elasticsearch": elastic, "opensearch": opensearch, "opentelemetry": opentelemetry}
            kinds = [clients[name](server, key) for name in sys.argv[1:]]
            good = all([check(server, key, kind) for kind in kinds])
        finally:
            server.kill()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
