"""``make bench-api``: the control plane under load, beside its aims. Ends with 1 when one is missed.

Parts (``--only`` picks some):

- ``start``: POST /job of 3,000 samples over real HTTP: the app under waitress, the strict stand-in in another process.
- ``http``: after it, its 1,000 workers speak over real HTTP for a while, and GET /job is asked meanwhile.
- ``hour``: the whole life of such a job, an hour of simulated time: the app called as WSGI in this process, several copies of it, AWS in
  memory under the same rules (rates, limits, capacity, late reads). Nothing of the app is left out, but HTTP, boto3 and the network are.
- ``waves``: a spot job that loses half of its workers in five waves, beside the same job undisturbed, as ``hour``.
- ``list``: 10,000 past jobs, page by page, as ``hour``.
- ``cost``: calls, requests and Lambda time of jobs of 1, 100 and 3,000 samples, as ``hour``, for docs/cost.md.

Times of ``hour``, ``list`` and ``cost`` are processor times; beside them stands what the calls to AWS would add, by the assumptions of
``api_memory.WAIT_SECONDS``. Aims are held against the sum.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time

from api_http import over_http
from api_parts import cost, hour, listing
from api_waves import waves
from bench_tables import Verdicts, say

PARTS = ("start", "http", "hour", "waves", "list", "cost")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--workers", type=int, default=1000, help="of start, http, hour and waves; three samples each")
    parser.add_argument("--minutes", type=float, default=60.0, help="of simulated time in hour and waves")
    parser.add_argument("--jobs", type=int, default=10_000, help="of list")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    verdicts = Verdicts()
    began = time.monotonic()
    if {"start", "http"} & set(options.only):
        over_http(verdicts, options.workers, speak="http" in options.only)
    if "hour" in options.only:
        hour(verdicts, options.workers, options.minutes)
    if "waves" in options.only:
        waves(verdicts, options.workers, options.minutes)
    if "list" in options.only:
        listing(verdicts, options.jobs)
    if "cost" in options.only:
        cost()
    if verdicts.rows:
        say("\nAims")
        verdicts.show()
    say(f"\n{time.monotonic() - began:.0f} s in all")
    return int(verdicts.missed)


if __name__ == "__main__":
    sys.exit(main())
