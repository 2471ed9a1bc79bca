"""Stands for the engine: answers health over TLS, and starts a child that outlives nobody's care.

Run as a program with the variables that `ops/rehearsal/engine.py` gives to the engine.
"""

import json
import os
import ssl
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class _Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = json.dumps({"environment": dict(os.environ)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Write both process ids beside the file of this program's caller, then serve."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(sys.argv[1]).write_text(f"{os.getpid()} {child.pid} {Path.cwd()}")
    server = HTTPServer((os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])), _Health)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.environ["MINISTACK_SSL_CERT"], os.environ["MINISTACK_SSL_KEY"])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
