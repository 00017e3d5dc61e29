"""``python -m worker``."""

import os
import sys

from worker.main import run

if __name__ == "__main__":
    sys.exit(run(os.environ))
