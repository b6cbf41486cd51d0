#!/usr/bin/env python3
"""Generated letters on a cluster, next to an index in a folder: the same answers, and what they cost.

    tests/cluster/measure.py IMR GENERATE [--letters 20000] [--work DIR]

IMR is the command, GENERATE the example `generate` (cargo build --release --example generate). Starts three
OpenSearch nodes and stops them. Compares letters, items and facets of searches, then prints a table for
docs/cluster.md. Ends with 1 if an answer differs.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from run import FACETS, Suite, answer, nodes, side_by_side
from served import get, serving

COMPARED = ["norco", "lumbar mri", "physical therapy overturned", "functional improvement", "taper*", "-norco", "pain w/5 relief",
            "norco OR tramadol", '"functional improvement"', "opioids page 78", "gym membership", "qwertyuiop"]
FILTERS = [["--decision", "overturned"], ["--drug", "opioid", "--year", "2013..2015"], ["--treatment", "surgery", "--any-item"]]
TIMED = [
    ("one word", "q=norco"), ("two words and a decision", "q=lumbar+mri+overturned"), ("a filter", "drug=opioid"),
    ("a beginning", "q=taper*"), ("a phrase", "q=%22functional+improvement%22"), ("words near each other", "q=pain+w/5+relief"),
    ("four facets", "q=physical+therapy&facets=drug,decision,treatment,specialty"),
    ("a sentence", "q=no+documentation+of+objective+functional+improvement+with+this+medication"),
]
ROUNDS = 30


def milliseconds(address, query):
    """Of searches of ten letters over HTTP, sorted; each asks for another page, so that no answer is kept."""
    took = []
    for n in range(ROUNDS + 3):
        begun = time.perf_counter()
        status, body = get(address, f"/api/search?{query}&limit=10&offset={n}")
        if n >= 3:
            took.append(1000 * (time.perf_counter() - begun))
        if status != 200:
            raise SystemExit(f"{query}: {status} {body[:300]}")
    return sorted(took)


def size_of(folder):
    return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("imr")
    parser.add_argument("generate")
    parser.add_argument("--letters", type=int, default=20_000)
    parser.add_argument("--work", default="/tmp/imr-cluster-measure")
    options = parser.parse_args()
    work = Path(options.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    suite = Suite(str(Path(options.imr).resolve()), work)
    subprocess.run([str(Path(options.generate).resolve()), "letters", "--letters", str(options.letters), "--seed", "1", "--jsonl"],
                   cwd=work, check=True)
    begun = time.time()
    indexed = suite.run("index", "letters", "--index", "idx", "--quiet")
    print(f"indexed in {time.time() - begun:.1f} s {indexed.stderr}", flush=True)
    engine = nodes("start", 3)[0] + "/imr"
    node = engine.split(",")[0].rsplit("/", 1)[0] if "," not in engine else engine.split(",")[0]
    try:
        begun = time.time()
        pushed = suite.run("push", "--index", "idx", "--to", engine, "--shards", "3", "--replicas", "1", "--recreate", "--json", "--quiet")
        took = time.time() - begun
        report = json.loads(pushed.stdout)
        print(f"pushed {report} in {took:.1f} s: {report['sent'] / took:.0f} letters/s", flush=True)
        begun = time.time()
        again = json.loads(suite.run("push", "--index", "idx", "--to", engine, "--json", "--quiet").stdout)
        print(f"pushed again {again} in {time.time() - begun:.1f} s", flush=True)
        # The bulk API by itself: the same bytes cannot be had from outside; what it says of its own time can.
        stats = json.load(urllib.request.urlopen(f"{node}/imr/_stats/store,indexing,docs"))["_all"]
        own, all_copies = stats["primaries"], stats["total"]
        busy = all_copies["indexing"]["index_time_in_millis"] / 1000
        print(f"size: folder {size_of(work / 'idx') / 1e6:.0f} MB, cluster {own['store']['size_in_bytes'] / 1e6:.0f} MB a copy, "
              f"{all_copies['store']['size_in_bytes'] / 1e6:.0f} MB with replicas; time in indexing {busy:.0f} s", flush=True)
        begun = time.time()
        args = lambda query, flags: ["search", "--json", "--limit", "0", *flags, "--facets", ",".join(FACETS), "--top", "10000", "--", query]
        calls = [(suite.both, f"counts of {query!r}", args(query, []), engine, answer) for query in COMPARED]
        calls += [(suite.both, f"counts of {query!r} {flags}", args(query, flags), engine, answer)
                  for query in ("", "norco") for flags in FILTERS]
        calls += [(suite.both, f"letters of {query!r}", ["search", "--json", "--limit", "10000", "--", query], engine, answer)
                  for query in ("norco taper", "lumbar mri", "gym membership")]
        calls += [(suite.both, f"stats {flags}", ["stats", "--json", *flags], engine, None)
                  for flags in (["--by", "drug"], ["--by", "treatment,decision"], ["--by", "specialty", "--over", "year"])]
        side_by_side(calls)
        print(f"compared in {time.time() - begun:.0f} s: {suite.passed} the same, {len(suite.failed)} differ {suite.failed}", flush=True)
        print("\n| search | folder, median (p90) ms | cluster, median (p90) ms |\n|---|---:|---:|")
        with serving(suite, "--index", "idx", "--quiet") as (here, _), serving(suite, "--engine", engine, "--quiet") as (there, _):
            for name, query in TIMED:
                a, b = milliseconds(here, query), milliseconds(there, query)
                cell = lambda took: f"{took[len(took) // 2]:.1f} ({took[len(took) * 9 // 10]:.1f})"
                print(f"| {name} | {cell(a)} | {cell(b)} |", flush=True)
        for where in (["--index", "idx"], ["--engine", engine]):
            begun = time.time()
            done = suite.run("export", *where, "--format", "csv", "--sort", "case")
            print(f"export of all items {where[0]}: {done.stdout.count(chr(10))} lines in {time.time() - begun:.1f} s", flush=True)
    finally:
        nodes("stop", check=False)
        shutil.rmtree(work, ignore_errors=True)
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
