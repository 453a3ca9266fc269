"""Runs a program against the real server: a fresh customer whose access code is in `ACCESS_CODE`, the address in `BASE`."""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parent.parent))

from server import Server  # noqa: E402


def main():
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        try:
            own = {"BASE": server.base, "ACCESS_CODE": server.access_code()}
            return subprocess.run(sys.argv[1:], env={**os.environ, **own}, check=False).returncode
        finally:
            server.kill()


if __name__ == "__main__":
    sys.exit(main())
