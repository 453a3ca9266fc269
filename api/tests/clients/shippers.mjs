// Clients in JavaScript for shippers.py: `node shippers.mjs NAME` sends RECORDS records of a kind with that name to BASE
// with KEY, says "half" on the way, and ends when everything is acknowledged.

const { BASE, KEY } = process.env;
const RECORDS = Number(process.env.RECORDS);
const CHUNK = Number(process.env.CHUNK);
const PATIENCE_MS = 60_000;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Tells the test to end the server about now. */
function half() {
  process.stdout.write("half\n");
}

/** Repeats until it is acknowledged. */
async function repeated(deliver) {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await deliver();
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(100);
    }
  }
}

/** The exporter of OpenTelemetry, which repeats by itself. */
async function opentelemetryJs(kind) {
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-http");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const { BatchLogRecordProcessor, LoggerProvider } = await import("@opentelemetry/sdk-logs");
  const exporter = new OTLPLogExporter({
    url: `${BASE}/otlp/v1/logs`,
    headers: { authorization: `Bearer ${KEY}` },
    compression: "gzip",
    timeoutMillis: PATIENCE_MS,
  });
  const processor = new BatchLogRecordProcessor({
    exporter,
    maxQueueSize: 2 * RECORDS,
    maxExportBatchSize: CHUNK,
    exportTimeoutMillis: PATIENCE_MS,
    scheduledDelayMillis: 5,
  });
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": kind }),
    processors: [processor],
  });
  const logger = provider.getLogger("shippers");
  for (let at = 0; at < RECORDS; at += 1) {
    logger.emit({ severityNumber: 13, body: `${kind} ${at}`, attributes: { at, dock: "3" } });
    if (at === RECORDS / 2) half();
    if (at % CHUNK === 0) await pause(1);
  }
  await provider.forceFlush();
  await provider.shutdown();
}

/** The transport of winston for Loki, which keeps what was not taken and tries again. */
async function winstonLoki(kind) {
  const { default: winston } = await import("winston");
  const { default: Loki } = await import("winston-loki");
  let failures = 0;
  const transport = new Loki({
    host: BASE,
    basicAuth: `shipper:${KEY}`,
    labels: { kind },
    json: true,
    batching: true,
    interval: 0.05,
    clearOnError: false,
    format: winston.format.printf(({ message }) => message),
    onConnectionError: () => {
      failures += 1;
    },
  });
  const logger = winston.createLogger({ transports: [transport] });
  for (let at = 0; at < RECORDS; at += 1) {
    logger.info(`${kind} ${at}`);
    if (at === RECORDS / 2) {
      await transport.flush();
      half();
    }
    if (at % CHUNK === 0) await pause(20);
  }
  await repeated(() => transport.flush());
  logger.close();
  process.stderr.write(`winston-loki: ${failures} failed deliveries were repeated\n`);
}

/** The client for GS1 EPCIS, with an identifier for each event. */
async function epcis(kind) {
  const { default: epcis2 } = await import("epcis2.js");
  const { EPCISDocument, ObjectEvent, capture, setup } = epcis2;
  setup({ apiUrl: `${BASE}/epcis/v2`, headers: { "content-type": "application/json", "X-API-Key": KEY } });
  for (let first = 0; first < RECORDS; first += CHUNK) {
    const document = new EPCISDocument();
    for (let at = first; at < first + CHUNK; at += 1) {
      document.addEvent(
        new ObjectEvent()
          .setEventID(`urn:uuid:00000000-0000-4000-8000-${String(at).padStart(12, "0")}`)
          .setEventTime("2026-11-22T08:00:00Z")
          .setEventTimeZoneOffset("+00:00")
          .setAction("OBSERVE")
          .addEPC(`urn:epc:id:sgtin:0614141.107346.${at}`)
          .setBizStep("shipping"),
      );
    }
    if (first === RECORDS / 2) half();
    await repeated(async () => {
      const answer = await capture(document);
      if (answer.status !== 202 && answer.status !== 201) throw new Error(`${kind}: ${answer.status}`);
    });
  }
}

const clients = { "opentelemetry-js": opentelemetryJs, "winston-loki": winstonLoki, "epcis2.js": epcis };
const [name] = process.argv.slice(2);
await clients[name](name);
