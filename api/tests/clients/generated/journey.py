"""J1, API-14: the first visit by the client that openapi-python-client makes of the specification."""

import io
import os

from mvai_connexx import AuthenticatedClient, Client
from mvai_connexx.api.auth import create_session
from mvai_connexx.api.exports import export_logs
from mvai_connexx.api.keys import create_key
from mvai_connexx.api.logs import create_log, create_logs, list_logs, stream_logs
from mvai_connexx.api.search import search_logs
from mvai_connexx.models import ExportFormat, KeyIn, LoginIn, ProblemOut, Scope
from mvai_connexx.types import File


def main():
    base = os.environ["BASE"]
    session = create_session.sync(client=Client(base), body=LoginIn(access_code=os.environ["ACCESS_CODE"]))
    owner = AuthenticatedClient(base, session.access_token)
    first = create_log.sync(client=owner, body={"kind": "scan", "message": "Eerste log"})
    assert first.log_id == 1, first

    scopes = [Scope.LOGSREAD, Scope.LOGSWRITE, Scope.EXPORTREAD]
    key = create_key.sync(client=owner, body=KeyIn(name="Python", scopes=scopes))
    system = AuthenticatedClient(base, key.api_key)
    # The generated call waits for the end of an answer, which a stream has not; its request is sent by hand.
    request = stream_logs._get_kwargs()
    with system.get_httpx_client().stream(**request) as live:
        lines = live.iter_lines()
        second = create_log.sync(client=system, body={"kind": "scan", "message": "Tweede log", "dock": 3})
        seen = next(line for line in lines if line.startswith("data:") and "Tweede log" in line)
    assert f'"id":{second.log_id}' in seen.replace(" ", ""), seen

    body = File(payload=io.BytesIO(b'{"kind":"gate","dock":3}\n{"kind":"gate"\n{"kind":"gate","dock":4}\n'))
    batch = create_logs.sync(client=system, body=body)
    assert (batch.created_count, batch.rejected_count, batch.errors[0].line) == (2, 1, 2), batch
    found = search_logs.sync(client=system, q="dock:3")
    assert [log.id for log in found.results] == [3, 2], found
    assert found.results[1].message == "Tweede log"
    assert len(list_logs.sync(client=system, limit=50).logs) == 4
    exported = export_logs.sync_detailed(client=system, format_=ExportFormat.NDJSON)
    assert exported.content.count(b"\n") == 4, exported.content

    refused = create_log.sync(client=AuthenticatedClient(base, "mvai_live_onzin"), body={})
    assert isinstance(refused, ProblemOut) and refused.status == 401, refused
    wrong = search_logs.sync(client=system, q="dock:>>")
    assert isinstance(wrong, ProblemOut) and wrong.code == "invalid_query", wrong


main()
