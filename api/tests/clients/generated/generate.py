"""Makes the Python client: `generate.py SPECIFICATION FOLDER`, with the packages of requirements.txt."""

import json
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def simplify(value):
    """Leaves out what the generated code cannot tell apart: a list from an object, and one kind of file from another."""
    for item in value["paths"].values():
        for operation in item.values():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/x-ndjson" in content:
                content.pop("text/csv", None)
            body = content.get("application/json", {})
            schema = body.get("schema", {})
            named = value["components"]["schemas"].get(schema.get("$ref", "").split("/")[-1], schema)
            if "oneOf" in named:
                body["schema"] = named["oneOf"][0]


def main():
    specification, folder = map(pathlib.Path, sys.argv[1:])
    value = json.loads(specification.read_text())
    simplify(value)
    with tempfile.TemporaryDirectory() as temporary:
        simple = pathlib.Path(temporary) / "openapi.json"
        simple.write_text(json.dumps(value))
        command = [sys.executable, "-m", "openapi_python_client", "generate", "--overwrite", "--fail-on-warning"]
        settings = ["--meta", "none", "--config", HERE / "python.yml"]
        subprocess.run([*command, *settings, "--path", simple, "--output-path", folder], check=True)


main()
