"""`python -m ops.local`: what `make run` starts. PORT and STATE_DIR say where."""

import os
import sys
from pathlib import Path

from ops.local import running

if __name__ == "__main__":
    sys.exit(
        running.run(
            port=os.environ.get("PORT") or running.DEFAULT_PORT,
            folder=Path(os.environ.get("STATE_DIR") or running.DEFAULT_FOLDER),
        )
    )
