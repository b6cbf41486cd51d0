#!/usr/bin/env python3
"""Generated letters on a cluster, next to an index in a folder: the same answers, and what they cost.

    tests/cluster/measure.py IMR GENERATE [--letters 20000] [--work DIR]

IMR is the command, GENERATE the example `generate` (cargo build --release --example generate). Starts three
OpenSearch nodes and stops them. Compares letters, items and facets of searches, then prints a table for
docs/cluster.md. Processor time is given next to the time that passed: it says what work was done on a machine that
does other things as well. Ends with 1 if an answer differs.
"""

import argparse
import json
import os
import resource
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


def milliseconds(address, query, pids):
    """Of searches of ten letters over HTTP, sorted, and the processor time of one; each asks for another page, so
    that no answer is kept."""
    took, of_all = [], 0.0
    for n in range(ROUNDS + 3):
        if n == 3:
            of_all = processor_seconds(*pids)
        begun = time.perf_counter()
        status, body = get(address, f"/api/search?{query}&limit=10&offset={n}")
        if n >= 3:
            took.append(1000 * (time.perf_counter() - begun))
        if status != 200:
            raise SystemExit(f"{query}: {status} {body[:300]}")
    return sorted(took), 1000 * (processor_seconds(*pids) - of_all) / ROUNDS


def processor_seconds(*pids):
    """Of processes that run."""
    ticks = os.sysconf("SC_CLK_TCK")
    fields = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split() for pid in pids]
    return sum(int(own[11]) + int(own[12]) for own in fields) / ticks


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
    work.mkdir(parents=True, exist_ok=True)
    suite = Suite(str(Path(options.imr).resolve()), work)
    if not (work / "letters").exists():
        subprocess.run([str(Path(options.generate).resolve()), "letters", "--letters", str(options.letters), "--seed", "1", "--jsonl"],
                       cwd=work, check=True)
    begun = time.time()
    indexed = suite.run("index", "letters", "--index", "idx", "--quiet")
    print(f"indexed in {time.time() - begun:.1f} s {indexed.stderr}", flush=True)
    engine = nodes("start", 3)[0] + "/imr"
    home = Path(os.environ.get("IMR_CLUSTER_HOME", os.environ.get("TMPDIR", "/tmp") + "/imr-cluster"))
    pids = [int(path.read_text()) for path in home.glob("node*.pid")]
    own_time = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    node = engine.split(",")[0].rsplit("/", 1)[0] if "," not in engine else engine.split(",")[0]
    try:
        begun, of_nodes, of_imr = time.time(), processor_seconds(*pids), own_time()
        pushed = suite.run("push", "--index", "idx", "--to", engine, "--shards", "3", "--replicas", "1", "--recreate", "--json", "--quiet")
        took, of_nodes, of_imr = time.time() - begun, processor_seconds(*pids) - of_nodes, own_time() - of_imr
        if pushed.returncode:
            raise SystemExit(f"the push failed after {took:.0f} s: {pushed.stderr}{pushed.stdout[:500]}")
        report = json.loads(pushed.stdout)
        print(f"pushed {report} in {took:.1f} s: {report['sent'] / took:.0f} letters/s; "
              f"processor time: imr {of_imr:.1f} s, nodes {of_nodes:.1f} s", flush=True)
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
        print("\n| search | folder: median (p90) ms; processor ms | cluster: median (p90) ms; processor ms |\n|---|---:|---:|")
        with serving(suite, "--index", "idx", "--quiet") as (here, _), serving(suite, "--engine", engine, "--quiet") as (there, _):
            servers = {int(pid) for pid in subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "serve"], capture_output=True, text=True).stdout.split()}
            local = {pid for pid in servers if b"--engine" not in Path(f"/proc/{pid}/cmdline").read_bytes()}
            for name, query in TIMED:
                a, b = milliseconds(here, query, local), milliseconds(there, query, [*(servers - local), *pids])
                cell = lambda timed: f"{timed[0][len(timed[0]) // 2]:.1f} ({timed[0][len(timed[0]) * 9 // 10]:.1f}); {timed[1]:.1f}"
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
