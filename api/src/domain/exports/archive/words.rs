//! What an archive tells people, in both languages: whoever opens it may read either.

/// `README.txt`.
pub const README: &str = "\
MVAI Connexx: volledig archief van één klant
============================================

manifest.json        wat er in het archief zit, met aantal regels, bytes en SHA-256 van elk bestand
data/*.ndjson        de gegevens: één JSON-object per regel, UTF-8
data/log.ndjson      alle logs, oudste eerst; `data` staat er teken voor teken in zoals u het stuurde
data/log_test.ndjson de logs van de testruimte
schemas/*.json       JSON Schema (2020-12) van een regel van elk bestand

Tijden staan in RFC 3339, UTC. Geheimen (toegangscodes, sleutels) staan er niet in; ook hun vingerafdrukken niet.
Een andere installatie leest het archief met: mvai-connexx import-archive <bestand>

MVAI Connexx: complete archive of one customer
==============================================

manifest.json        what is in the archive, with rows, bytes and SHA-256 of each file
data/*.ndjson        the data: one JSON object a line, UTF-8
data/log.ndjson      all logs, oldest first; `data` holds what you sent, character by character
data/log_test.ndjson the logs of the test space
schemas/*.json       JSON Schema (2020-12) of a line of each file

Times are RFC 3339 in UTC. Secrets (access codes, keys) are not in it, nor are their digests.
Another installation reads the archive with: mvai-connexx import-archive <file>
";
