"""EXP-01, EXP-03, EXP-04, EXP-05: Exports of many logs while others write, read back by the programs that people use.

CSV and NDJSON are cut several times and continued by number; the document of a job is cut and continued by range. What
pandas, DuckDB and openpyxl read is compared with the rows of the database: a digest of each column in order, and sums
and counts that the engines compute themselves. The server's own memory may not grow with the number of logs.

`cargo xtask test --exports` installs the packages and runs this file with the number of logs; `MVAI_BIN` names the program.
"""

import concurrent.futures
import csv
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import random
import sqlite3
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).parent.parent))

import duckdb  # noqa: E402
import openpyxl  # noqa: E402
import pandas  # noqa: E402
import pypdf  # noqa: E402
from server import Server  # noqa: E402

COLUMNS = ["id", "timestamp", "received_at", "kind", "level", "message", "source", "ip_address", "data"]
KINDS = ["scan", "temp", "laad bon", "vertrek", "aankomst"]
LEVELS = ["debug", "info", "warning", "error", "critical"]
# What separates cells badly in many programs; every log has one of them.
HARD = ['komma, en "aanhaling"', "regel\neen", "=1+1", "é € 🚚", "punt;komma", "tab\tstop", "'accent", "NULL", "NaN", " rand "]
BATCH = 5_000
# What the server may hold more while it exports than before, whatever the number of logs.
ALLOWED_KIB = 64 * 1024
SHEET_ROWS = 1_000_000
PATIENCE_S = 900
EPOCH = datetime.datetime(1970, 1, 1)


def line(rng, at):
    """A log as it is sent; hundredths as a number make sums exact."""
    happened = EPOCH + datetime.timedelta(milliseconds=1_735_700_000_000 + rng.randrange(25_000_000_000))
    log = {
        "kind": rng.choice(KINDS),
        "level": rng.choice(LEVELS),
        "message": f"{rng.choice(HARD)} {at}",
        "occurred_at": happened.isoformat(timespec="milliseconds") + "Z",
        "external_id": f"r-{at}",
        "cents": rng.randrange(100_000),
        "place": rng.choice(["Venlo", "'s-Hertogenbosch", None]),
    }
    return json.dumps(log, ensure_ascii=False)


def send(server, key, lines):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"}
    connection.request("POST", "/api/v1/logs/batch", "\n".join(lines).encode(), headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    assert answer.status == 201, text[:300]


def fill(server, key, rows):
    def batch(first):
        rng = random.Random(first)
        send(server, key, [line(rng, at) for at in range(first, min(first + BATCH, rows))])

    with concurrent.futures.ThreadPoolExecutor(2) as senders:
        list(senders.map(batch, range(0, rows, BATCH)))


class Busy:
    """Writes for as long as exports run, and watches the server's own memory meanwhile."""

    def __init__(self, server, key):
        self.server, self.key, self.sent, self.failure = server, key, 0, None
        self.ended = threading.Event()
        self.before = self.peak = self.memory_kib()
        self.threads = [threading.Thread(target=self.write), threading.Thread(target=self.watch)]

    def memory_kib(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("RssAnon:"))

    def write(self):
        rng = random.Random(8)
        try:
            while not self.ended.is_set():
                send(self.server, self.key, [line(rng, 10_000_000 + self.sent + at) for at in range(20)])
                self.sent += 20
                time.sleep(0.1)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test has failed
            self.failure = error

    def watch(self):
        while not self.ended.is_set():
            self.peak = max(self.peak, self.memory_kib())
            time.sleep(0.02)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        assert self.failure is None, self.failure


def fetch(server, key, path, file, most=None, headers=None):
    """Appends a download to a file, and hangs up after `most` bytes. Gives the status and the headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_S)
    connection.request("GET", path, headers={"Authorization": f"Bearer {key}", **(headers or {})})
    answer = connection.getresponse()
    assert answer.status in (200, 206), answer.read(500)
    left = most
    while left is None or left > 0:
        part = answer.read1(65_536 if left is None else min(65_536, left))
        if not part:
            break
        file.write(part)
        left = None if left is None else left - len(part)
    found = dict(answer.getheaders())
    connection.close()
    return answer.status, {name.lower(): value for name, value in found.items()}


def whole_ndjson(path):
    """Cuts a file behind its last whole line; gives the number of the log in it."""
    text = path.read_bytes()
    end = text.rindex(b"\n") + 1
    os.truncate(path, end)
    return json.loads(text[text.rindex(b"\n", 0, end - 1) + 1 : end])["id"]


def whole_csv(path):
    """Cuts a file behind its last whole record; gives the number of the log in it. Cells may hold line breaks."""
    text = path.read_bytes()
    # A record ends where as many quotes have closed as opened.
    start, whole, end, quotes = 0, 0, 0, 0
    for part in text.split(b"\r\n")[:-1]:
        quotes += part.count(b'"')
        end += len(part) + 2
        if quotes % 2 == 0:
            start, whole = whole, end
    os.truncate(path, whole)
    return int(text[start:whole].split(b",")[0])


def in_parts(server, key, query, path, last_whole, cuts, size):
    """Fetches an export that is cut several times; gives the number of its newest log."""
    rng = random.Random(9)
    with path.open("wb") as file:
        _, headers = fetch(server, key, query, file, size // (cuts + 1))
    up_to = headers["x-export-up-to"]
    for _ in range(cuts):
        after = last_whole(path)
        most = rng.randrange(size // (2 * cuts + 2), size // (cuts + 1))
        with path.open("ab") as file:
            fetch(server, key, f"{query}&after={after}&up_to={up_to}", file, most)
    after = last_whole(path)
    with path.open("ab") as file:
        fetch(server, key, f"{query}&after={after}&up_to={up_to}", file)
    return int(up_to)


def by_a_job(server, key, path):
    """Has a document made, cuts its download and goes on by range; compares it with its manifest."""
    job = server.call("POST", "/api/v1/exports", key, {"format": "json"})
    until = time.monotonic() + PATIENCE_S
    while (found := server.call("GET", f"/api/v1/jobs/{job['id']}", key))["state"] != "ready":
        assert found["state"] in ("queued", "running") and time.monotonic() < until, found
        time.sleep(0.2)
    address = f"/api/v1/exports/{job['id']}/file"
    manifest = server.call("GET", f"/api/v1/exports/{job['id']}/manifest", key)
    with path.open("wb") as file:
        _, headers = fetch(server, key, address, file, 1_000_000)
    with path.open("ab") as file:
        begin = {"Range": f"bytes={path.stat().st_size}-", "If-Range": headers["etag"]}
        assert fetch(server, key, address, file, None, begin)[0] == 206
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    assert digest.hexdigest() == manifest["sha256"], "the parts are not the file of the manifest"
    return manifest["up_to"]


def stamp(milliseconds):
    at = EPOCH + datetime.timedelta(milliseconds=milliseconds)
    return at.isoformat(timespec="milliseconds") + "Z"


class Digest:
    """Digests of columns, and how many rows there were."""

    def __init__(self):
        self.rows, self.columns = 0, [hashlib.sha256() for _ in COLUMNS]

    def add(self, row):
        self.rows += 1
        for digest, value in zip(self.columns, row, strict=True):
            digest.update(("" if value is None else str(value)).encode() + b"\x1f")

    def of(self, rows):
        for row in rows:
            self.add(row)
        return self

    def told(self):
        return {"rows": self.rows, **{name: digest.hexdigest()[:16] for name, digest in zip(COLUMNS, self.columns)}}


def database(server, up_to):
    """What the database holds up to a number: digests, and figures as its own engine computes them."""
    conn = sqlite3.connect(f"file:{server.folder}/mvai.db?mode=ro", uri=True)
    within = f"FROM log WHERE test = 0 AND (id & {(1 << 39) - 1}) <= {up_to}"
    seq = f"id & {(1 << 39) - 1}"
    rows = conn.execute(
        f"SELECT {seq}, occurred_at, received_at, kind, level, message, source, ip_address, data {within} ORDER BY id"
    )
    digest = Digest()
    for number, occurred, received, *rest in rows:
        digest.add((number, stamp(occurred), stamp(received), *rest))
    figures = {
        "cents": conn.execute(f"SELECT SUM(json_extract(data, '$.cents')) {within}").fetchone()[0],
        "kinds": dict(conn.execute(f"SELECT kind, COUNT(*) {within} GROUP BY kind").fetchall()),
        "first": stamp(conn.execute(f"SELECT MIN(occurred_at) {within}").fetchone()[0]),
        "last": stamp(conn.execute(f"SELECT MAX(occurred_at) {within}").fetchone()[0]),
    }
    conn.close()
    return digest.told(), figures


def same(what, found, expected):
    wrong = [name for name in expected if found.get(name) != expected[name]]
    assert not wrong, f"{what}: {[(name, found.get(name), expected[name]) for name in wrong][:3]}"
    print(f"  {what}: {found.get('rows', 'figures')} as in the database", flush=True)


def figures_of(frames):
    """Figures as pandas computes them, from frames with the columns of an export."""
    cents, kinds, first, last = 0, {}, "~", ""
    for frame, numbers in frames:
        cents += int(numbers.sum())
        for kind, count in frame["kind"].value_counts().items():
            kinds[kind] = kinds.get(kind, 0) + int(count)
        first, last = min(first, frame["timestamp"].min()), max(last, frame["timestamp"].max())
    return {"cents": cents, "kinds": kinds, "first": first, "last": last}


def pandas_csv(path):
    digest = Digest()

    def frames():
        chunks = pandas.read_csv(path, dtype=str, keep_default_na=False, chunksize=100_000)
        for frame in chunks:
            assert list(frame.columns) == COLUMNS
            digest.of(frame.itertuples(index=False, name=None))
            yield frame, frame["data"].map(json.loads).map(lambda data: data["cents"])

    figures = figures_of(frames())
    return digest.told(), figures


def pandas_ndjson(path):
    """The payload is parsed there, so its text is compared as a value."""
    digest, wanted = Digest(), [*COLUMNS[:-1], "payload"]

    def frames():
        chunks = pandas.read_json(path, lines=True, chunksize=100_000, dtype=False)
        for frame in chunks:
            rows = frame[wanted].itertuples(index=False, name=None)
            digest.of((*row[:-1], json.dumps(row[-1], ensure_ascii=False)) for row in rows)
            yield frame, frame["payload"].map(lambda data: data["cents"])

    figures = figures_of(frames())
    return digest.told(), figures


def spaced(text):
    """JSON as it was sent: engines that know it as JSON leave blanks out."""
    return json.dumps(json.loads(text), ensure_ascii=False)


def duck(source, cents, as_sent=str):
    """Digests and figures of a table as DuckDB reads it."""
    conn = duckdb.connect()
    conn.execute("SET preserve_insertion_order = true; SET TimeZone = 'UTC'")
    conn.execute(f"CREATE TABLE logs AS SELECT * FROM {source}")
    cursor = conn.execute(f"SELECT {', '.join(COLUMNS)} FROM logs ORDER BY CAST(id AS BIGINT)")
    digest = Digest()
    while rows := cursor.fetchmany(50_000):
        digest.of((*row[:-1], as_sent(row[-1])) for row in rows)
    total, first, last = conn.execute(f"SELECT CAST(SUM({cents}) AS BIGINT), MIN(timestamp), MAX(timestamp) FROM logs").fetchone()
    kinds = dict(conn.execute("SELECT kind, COUNT(*) FROM logs GROUP BY kind").fetchall())
    conn.close()
    return digest.told(), {"cents": total, "kinds": kinds, "first": first, "last": last}


CENTS = "CAST(json_extract_string(data, '$.cents') AS BIGINT)"


def duck_csv(path):
    source = f"read_csv('{path}', all_varchar = true, header = true, quote = '\"', escape = '\"', delim = ',', new_line = '\\r\\n')"
    return duck(source, CENTS)


def duck_ndjson(path):
    """The payload is the text that was sent."""
    fields = ", ".join(f"{name}: 'VARCHAR'" for name in COLUMNS[1:-1])
    read = f"read_json('{path}', format = 'newline_delimited', columns = {{id: 'BIGINT', {fields}, payload: 'JSON'}})"
    return duck(f"(SELECT *, payload AS data FROM {read})", CENTS, spaced)


def duck_document(path):
    """The whole file is one object with a list of logs."""
    fields = "STRUCT(id BIGINT, timestamp VARCHAR, received_at VARCHAR, kind VARCHAR, level VARCHAR, message VARCHAR, source VARCHAR, ip_address VARCHAR, data VARCHAR)[]"
    size = path.stat().st_size + 1
    read = f"read_json('{path}', format = 'unstructured', maximum_object_size = {size}, columns = {{logs: '{fields}'}})"
    return duck(f"(SELECT UNNEST(logs, recursive := true) FROM {read})", CENTS)


def pandas_document(path):
    with path.open() as file:
        document = json.load(file)
    assert not document["truncated"] and document["log_count"] == len(document["logs"])
    frame = pandas.DataFrame(document["logs"], columns=COLUMNS, dtype=object)
    digest = Digest().of(frame.itertuples(index=False, name=None))
    cents = frame["data"].map(json.loads).map(lambda data: data["cents"])
    return digest.told(), figures_of([(frame, cents)])


def workbook(path, up_to):
    """Sheets hold a million rows each; numbers follow each other, and cells hold what was sent."""
    book = openpyxl.load_workbook(path, read_only=True)
    about = {row[0].value: row[1].value for row in book.worksheets[0].iter_rows()}
    rows, cents, formulas = 0, 0, 0
    for sheet in book.worksheets[1:]:
        cells = sheet.iter_rows(values_only=True)
        heading = next(cells)
        assert len(heading) == len(COLUMNS), heading
        within = 0
        for row in cells:
            rows, within = rows + 1, within + 1
            assert row[0] == rows, (row[0], rows)
            cents += json.loads(row[-1])["cents"]
            formulas += str(row[5]).startswith("=1+1")
        assert within <= SHEET_ROWS
    assert rows == up_to and len(book.sheetnames) == 1 + -(-rows // SHEET_ROWS)
    assert formulas > rows // 20, "the texts that look like formulas are texts"
    assert str(rows) in [str(value) for value in about.values()], about
    book.close()
    return {"rows": rows, "cents": cents}


def report(path, up_to):
    """The text of a report can be taken out; it says how many logs there are beyond those it shows."""
    document = pypdf.PdfReader(path)
    first = " ".join(document.pages[0].extract_text().split())
    text = " ".join(" ".join(page.extract_text().split()) for page in document.pages)
    grouped = [f"{up_to:,}", f"{up_to:,}".replace(",", "."), str(up_to)]
    assert any(number in text for number in grouped), first[:500]
    for wanted in ["é €", "laad bon", f"{len(document.pages)}"]:
        assert wanted in text, wanted
    return len(document.pages), len(text)


class Timed:
    def __init__(self, what, timings):
        self.what, self.timings = what, timings

    def __enter__(self):
        self.start = time.monotonic()

    def __exit__(self, *_):
        self.timings[self.what] = round(time.monotonic() - self.start, 1)


def work(server, folder, rows):
    key, timings = server.key("export:read"), {}
    with Timed("stored", timings):
        fill(server, key, rows)
    # An export of everything for nobody: what it needs once is there before memory is watched.
    size = {}
    for form in ["csv", "ndjson"]:
        with open(os.devnull, "wb") as nowhere:
            fetch(server, key, f"/api/v1/logs/export?format={form}&up_to=1000", nowhere)
        size[form] = rows * 330 if form == "csv" else rows * 420
    paths = {form: folder / f"export.{form}" for form in ["csv", "ndjson", "json", "xlsx", "pdf"]}
    up_to, peaks = {}, {}

    def watched(form, fetched):
        with Busy(server, key) as busy, Timed(form, timings):
            fetched()
        peaks[form] = busy.peak - busy.before
        assert busy.sent > 0, "nothing was written meanwhile"

    def whole(form):
        with paths[form].open("wb") as file:
            _, headers = fetch(server, key, f"/api/v1/logs/export?format={form}", file)
        up_to[form] = int(headers["x-export-up-to"])

    def parts(form, query, last_whole):
        up_to[form] = in_parts(server, key, query, paths[form], last_whole, 3, size[form])

    watched("csv", lambda: parts("csv", "/api/v1/logs/export?format=csv&exact=true", whole_csv))
    watched("ndjson", lambda: parts("ndjson", "/api/v1/logs/export?format=ndjson", whole_ndjson))
    watched("json", lambda: up_to.update(json=by_a_job(server, key, paths["json"])))
    watched("xlsx", lambda: whole("xlsx"))
    watched("pdf", lambda: whole("pdf"))
    sizes = {form: f"{path.stat().st_size / 1e6:.0f} MB" for form, path in paths.items()}
    print(f"{rows} logs\n  seconds {timings}\n  files {sizes}\n  more memory in KiB {peaks}", flush=True)
    assert max(peaks.values()) <= ALLOWED_KIB, "memory grows"

    for form, readers in {
        "csv": {"pandas": pandas_csv, "DuckDB": duck_csv},
        "ndjson": {"pandas": pandas_ndjson, "DuckDB": duck_ndjson},
        "json": {"pandas": pandas_document, "DuckDB": duck_document},
    }.items():
        expected, figures = database(server, up_to[form])
        for name, read in readers.items():
            digests, found = read(paths[form])
            same(f"{form} by {name}", digests, expected)
            same(f"{form} by {name}", found, figures)
    expected, figures = database(server, up_to["xlsx"])
    same("xlsx by openpyxl", workbook(paths["xlsx"], up_to["xlsx"]), {"rows": expected["rows"], "cents": figures["cents"]})
    pages, letters = report(paths["pdf"], up_to["pdf"])
    print(f"  pdf by pypdf: {pages} pages, {letters} letters", flush=True)
    control(paths["csv"], folder, *database(server, up_to["csv"]))


def control(path, folder, expected, figures):
    """A log that is missing, doubled or changed by one letter is noticed."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    middle = len(rows) // 2
    changed = [*rows[middle][:3], rows[middle][3] + "x", *rows[middle][4:]]
    for what, wrong in {
        "missing": rows[:middle] + rows[middle + 1 :],
        "doubled": rows[:middle] + [rows[middle]] + rows[middle:],
        "changed": rows[:middle] + [changed] + rows[middle + 1 :],
    }.items():
        other = folder / "wrong.csv"
        with other.open("w", newline="") as file:
            csv.writer(file).writerows(wrong)
        digests, found = pandas_csv(other)
        assert digests != expected or found != figures, f"a log that is {what} goes unnoticed"
    print("  a log that is missing, doubled or changed is noticed", flush=True)


def main():
    rows = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            work(server, pathlib.Path(folder), rows)
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
