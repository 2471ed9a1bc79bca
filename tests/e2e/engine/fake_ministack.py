"""Acts as the engine: answers health over TLS, and starts a child that never ends by itself.

Run as a program with the variables that `ministack.py` gives to the engine.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response


@Request.application
def _health(request: Request) -> Response:
    return Response(json.dumps({"environment": dict(os.environ)}))


def main() -> None:
    """Write the ids of both processes and the folder to the file that is named, then serve."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid} {Path.cwd()}")
    run_simple(
        os.environ["BIND_HOST"],
        int(os.environ["GATEWAY_PORT"]),
        _health,
        ssl_context=(os.environ["MINISTACK_SSL_CERT"], os.environ["MINISTACK_SSL_KEY"]),
    )


if __name__ == "__main__":
    main()
