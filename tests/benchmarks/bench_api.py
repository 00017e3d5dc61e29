"""``make bench-api``: the control plane under load, beside its aims. Ends with 1 when one is missed.

Parts (``--only`` picks some):

- ``start``: POST /job of 3,000 samples over real HTTP: the app under waitress, the strict stand-in in another process.
- ``http``: after it, its 1,000 workers speak over real HTTP for a while, and GET /job is asked meanwhile.
- ``engines``: a job of 10,000 samples on each engine, EC2 and AWS Batch, over real HTTP: its start, the reaper's ticks while its workers
  wait, run and end, its cancelling; with every call to AWS. Then the same in memory, as ``hour``, whose times are held against aims.
- ``laboratories``: twenty jobs of 500 samples at once on each engine, as ``hour``: how soon their workers have machines.
- ``hour``: the whole life of such a job on each engine, an hour of simulated time: the app called as WSGI in this process, several copies of it, AWS in
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

from api_engines import SAMPLES, engines
from api_engines_memory import engines_in_memory, largest_array
from api_http import over_http
from api_laboratories import laboratories
from api_parts import cost, hour, listing
from api_waves import waves
from bench_tables import Verdicts, say

from gems_api.aws.batch.fleet import MOST_WORKERS
from gems_core.engines import ENGINES, Engine

PARTS = ("start", "http", "engines", "laboratories", "hour", "waves", "list", "cost")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument(
        "--workers",
        type=int,
        default=1000,
        help="of start, http, engines, hour and waves; three samples each but in engines",
    )
    parser.add_argument("--laboratories", type=int, default=20, help="of laboratories, a job each")
    parser.add_argument("--minutes", type=float, default=60.0, help="of simulated time in hour and waves")
    parser.add_argument("--jobs", type=int, default=10_000, help="of list")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES, help="of hour")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    verdicts = Verdicts()
    began = time.monotonic()
    if {"start", "http"} & set(options.only):
        over_http(verdicts, options.workers, speak="http" in options.only)
    if "engines" in options.only:
        engines(verdicts, options.workers)
        engines_in_memory(verdicts, options.workers, SAMPLES)
        largest_array(verdicts, MOST_WORKERS)
    if "laboratories" in options.only:
        laboratories(verdicts, options.laboratories)
    if "hour" in options.only:
        for engine in options.engines:
            hour(verdicts, options.workers, options.minutes, Engine(engine))
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
