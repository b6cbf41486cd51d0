#!/usr/bin/env python3
"""The backend's tests on a real cluster: what it answers, next to what the index on this computer answers.

    tests/cluster/run.py IMR CORPUS... [--faults]     IMR is the command; CORPUS are folders of letters

Starts three OpenSearch nodes on the loopback address (tests/cluster/nodes.sh), pushes an index of the letters
with one replica, and compares every command's JSON (here), the page and the API (served.py), what happens when a
cluster does not answer or refuses (waits.py), and TLS with passwords (secured.py; needs an imr built with
--features tls). With --faults a node is killed during pushes, and one during searches. Ends with a line
"N passed, N failed, N skipped".
"""

import argparse
import json
import math
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from secured import secured
from served import follows, served
from waits import refuses_letters, waits

HERE = Path(__file__).parent
NODES = HERE / "nodes.sh"

QUERIES = [
    "norco", "norco taper", "norco overturned", "lumbar mri", "lumbar mri upheld", "functional improvement",
    "physical therapy", "physical therapy carpal tunnel release", "opioids page 78", "epidural steroid injection",
    "frozen shoulder", "urine drug screen", "taper*", "medication*", "wean* opioid", "follow-up", "x-ray knee",
    '"functional improvement"', '"pain man*"', '"drug screen" -norco', "-norco", "norco OR tramadol",
    "(knee OR shoulder) surgery", "pain w/5 relief", "improve* w/8 function", "drug:norco", "rationale:taper",
    "summary:fall", "drug:opioid decision:overturned", "page:78", "specialty:orthopedic", "case:CM15-0900001",
    "10/325 mg #60", "L4-5 epidural", "the of", "acupuncture chiropractic", "pain specialist norco",
    "is lumbar MRI usually upheld", "accupuncture", "carpel tunnel", "qwertyuiop", "norco qwertyuiop xylophonic taper",
    "there is no documentation of objective functional improvement with the use of this medication",
    "gym membership", "mri lumbar spine radiculopathy conservative care physical therapy six weeks failed",
    "surgery not knee", "NOT mri", "spinal cord stimulator", "home health", "gabapentin neuropathic pain",
]
FILTERS = [
    [], ["--decision", "overturned"], ["--drug", "opioid"], ["--treatment", "diagnostic"], ["--year", "2013..2015"],
    ["--body-part", "low-back"], ["--age", "40..60"], ["--drug", "opioid", "--decision", "upheld"],
    ["--decision", "!upheld"], ["--drug", "opioid", "--treatment", "surgery", "--any-item"],
    ["--reason", "functional improvement"], ["--guideline", "MTUS"], ["--page", "78"],
]
FACETS = ["drug", "decision", "treatment", "specialty", "body-part", "year", "reason", "guideline", "page",
          "diagnosis", "class", "outcome", "service"]


def side_by_side(calls):
    """Several comparisons at once: most of the time a command waits for the cluster."""
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(*call) for call in calls]:
            done.result()


class Suite:
    def __init__(self, imr, work):
        self.imr, self.work = imr, work
        self.passed, self.failed = 0, []
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("IMR_")}
        self.env["NO_COLOR"] = "1"

    def run(self, *args, **env):
        return subprocess.run([self.imr, *map(str, args)], capture_output=True, text=True, cwd=self.work,
                              env={**self.env, **env}, timeout=900)

    def check(self, name, good, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed.append(name)
            print(f"FAILED {name}: {detail}"[:1500], flush=True)

    def both(self, name, args, engine, same=None):
        """The same command on the index and on the cluster; `same` keeps what must be equal."""
        here = self.run(args[0], "--index", "idx", *args[1:])
        there = self.run(args[0], "--engine", engine, *args[1:])
        a, b = (same(x.stdout) if same else x.stdout for x in (here, there))
        if here.returncode == 2:
            # A value that no letter has is told in the same sentence; nothing else is an error here.
            a, b = here.stderr, there.stderr
            if "nothing is called" not in a and "value" not in a:
                b = "no error was expected"
        a, b = str(a), str(b)
        if a != b:
            at = next((n for n, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            a, b = a[max(at - 200, 0):at + 250], b[max(at - 200, 0):at + 250]
        detail = f"\n--- here {here.returncode}\n{a[:600]}{here.stderr[:200]}\n--- there {there.returncode}\n{b[:600]}{there.stderr[:300]}"
        self.check(name, here.returncode == there.returncode and a == b, detail)


def answer(stdout):
    """What of a search must agree to the unit: everything but scores, their order and times."""
    lines = [json.loads(line) for line in stdout.splitlines()]
    if not lines:
        return ""
    summary = lines[0]
    for key in ("millis", "took"):
        summary.pop(key, None)
    hits = []
    for hit in lines[1:]:
        # Which letters fill a page differs: only an index on this computer has those that match in part. How many
        # mention is in the summary.
        if hit.get("type") != "hit":
            continue
        items = [item.get("item", item.get("number")) for item in hit.get("items", [])]
        hits.append((hit.get("id") or hit.get("case_number") or hit.get("file"), bool(hit.get("mention")), items))
    return json.dumps(summary, sort_keys=True) + "\n" + "\n".join(map(repr, sorted(hits, key=repr)))


def lines(stdout):
    """Letters of one day are in the order of their scores."""
    return "\n".join(sorted(stdout.splitlines()))


def compared(stdout):
    """Without the letters that are named as examples, which are those with the best scores."""
    found = json.loads(stdout)
    for side in ("a", "b"):
        del found[side]["letters"]
    return json.dumps(found)


def ranking(stdout):
    lines = [json.loads(line) for line in stdout.splitlines()][1:]
    return [hit.get("id") or hit.get("file") for hit in lines if hit.get("type") == "hit"]


def ndcg(reference, ranked, k=10):
    """How much of the reference's order another order keeps: its best ten are relevant, the first the most."""
    gain = {doc: k - n for n, doc in enumerate(reference[:k])}
    dcg = lambda docs: sum(gain.get(doc, 0) / math.log2(n + 2) for n, doc in enumerate(docs[:k]))
    best = dcg(reference)
    return dcg(ranked) / best if best else 1.0


def nodes(*args, check=True):
    done = subprocess.run([str(NODES), *map(str, args)], capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"nodes.sh {args}: {done.stdout}{done.stderr}")
    return done.stdout.strip().splitlines()[-1:] or [""]


def compare(suite, engine, queries, filters):
    calls = []
    for query in queries:
        for flags in filters:
            args = ["search", "--json", "--limit", "10000", *flags, "--facets", ",".join(FACETS), "--top", "1000", "--", query]
            calls.append((suite.both, f"search {query!r} {flags}", args, engine, answer))
    side_by_side(calls)


def other_commands(suite, engine):
    calls = []
    both = lambda *call: calls.append((suite.both, *call))
    for facet in FACETS:
        both(f"facets {facet}", ["facets", facet, "--json"], engine)
    for flags in (["--by", "drug"], ["--by", "treatment,decision"], ["--by", "specialty", "--over", "year", "--top", "4"],
                  ["--over", "quarter"], ["--by", "drug,body-part", "--top", "3"], ["--by", "reason", "--mentions"]):
        for query in ("", "norco", "physical therapy"):
            both(f"stats {flags} {query}", ["stats", "--json", *flags, *query.split()], engine)
    for sort in ("decided", "oldest", "injured", "case"):
        both(f"sort {sort}", ["search", "--json", "--sort", sort, "--limit", "50", "pain"], engine,
                   lambda out: "\n".join(map(str, ranking(out))))
    both("export", ["export", "--format", "csv", "--sort", "case", "norco"], engine)
    both("export by letter", ["export", "--format", "jsonl", "--by", "letter", "--sort", "decided", "pain"], engine, lines)
    both("export mentions", ["export", "--format", "csv", "--sort", "case", "--mentions", "norco"], engine)
    both("export brief", ["export", "--format", "md", "--sort", "case", "--decision", "overturned"], engine,
         lambda out: "\n".join(line for line in out.splitlines() if not line.startswith("Exported by")))
    both("compare", ["compare", "--json", "norco", "--versus", "drug=tramadol"], engine, compared)
    both("compare words", ["compare", "--json", "knee", "--", "shoulder"], engine, compared)
    both("reasons", ["stats", "--reasons", "--json"], engine)
    both("checklist", ["checklist", "--json", "--drug", "opioid"], engine)
    both("show", ["show", "--json", "CM15-0900001"], engine)
    both("show unknown", ["show", "CM15-0900991"], engine)
    first = json.loads(suite.run("export", "--index", "idx", "--format", "jsonl", "--by", "letter", "--limit", "1").stdout.splitlines()[0])
    if first.get("case_number"):
        both("similar", ["similar", "--json", first["case_number"]], engine)
        both("show a letter", ["show", "--json", first["case_number"]], engine)
    side_by_side(calls)
    here = json.loads(suite.run("status", "--json", "--index", "idx").stdout)
    there = json.loads(suite.run("status", "--json", "--engine", engine).stdout)
    suite.check("status", (here["letters"] - here["others"] * 0, here["items"]) == (there["letters"], there["items"]), f"{here} {there}")


def ranked_alike(suite, engine, queries):
    scores = []
    for query in queries:
        args = ["search", "--json", "--limit", "10", "--", query]
        here, there = (suite.run(args[0], *where, *args[1:]) for where in (("--index", "idx"), ("--engine", engine)))
        if len(ranking(here.stdout)) >= 5:
            scores.append(ndcg(ranking(here.stdout), ranking(there.stdout)))
    mean = sum(scores) / max(len(scores), 1)
    print(f"ranking: nDCG@10 of the cluster's order by the index's order {mean:.3f} over {len(scores)} queries, least {min(scores, default=1):.3f}")


def faults(suite, engine):
    """A node is killed during a push, another during searches: nothing is lost, answers are the same."""
    single = engine.rsplit("/", 1)[0]
    expected = answer(suite.run("search", "--json", "--limit", "1000", "--engine", engine, "norco").stdout)
    target = f"{single}/again"
    # While the index is made, while the first letters come, and later.
    for after in (0.15, 0.6, 1.5):
        begun = time.time()
        pushing = subprocess.Popen([suite.imr, "push", "--index", "idx", "--to", target, "--shards", "3", "--recreate", "--json"], cwd=suite.work,
                                   env=suite.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(after)
        nodes("kill", 2)
        out, err = pushing.communicate(timeout=600)
        took, first = time.time() - begun, pushing.returncode
        done = json.loads(out) if out else {}
        if first:
            # A shard of which the only whole copy was on that node: it is said, and the push goes on with the node.
            nodes("node", 2)
            again = suite.run("push", "--index", "idx", "--to", target, "--json", "--quiet")
            done = json.loads(again.stdout) if again.stdout else {}
            err += again.stderr
        print(f"a node killed {after} s into a push: {'done' if not first else 'continued by another'} after {took:.0f} s; {err.strip()[-300:]}", flush=True)
        suite.check(f"push survives a node killed after {after} s", done.get("refused") == [] and took < 400, f"{took:.0f} s {done} {err}")
        if not first:
            nodes("node", 2)
    got = answer(suite.run("search", "--json", "--limit", "1000", "--engine", target, "norco").stdout)
    suite.check("answers after a killed node", got == expected, got[:300])
    twice = json.loads(suite.run("push", "--index", "idx", "--to", target, "--json", "--quiet").stdout)
    suite.check("a second push sends nothing", twice["sent"] == 0 and twice["deleted"] == 0, str(twice))
    wrong, done = [], []
    end = time.time() + 20

    def search():
        while time.time() < end:
            got = suite.run("search", "--json", "--limit", "1000", "--engine", engine, "norco")
            done.append(got.returncode)
            if answer(got.stdout) != expected:
                wrong.append((got.returncode, got.stderr[:300], got.stdout[:200]))

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(4)
    nodes("kill", 3)
    for thread in threads:
        thread.join()
    nodes("node", 3)
    suite.check("searches survive a killed node", not wrong and len(done) > 3, f"{len(wrong)} of {len(done)}: {wrong[:3]}")


def pruned(suite, engine, corpus):
    """What is gone from the index is deleted, what has changed is sent, and only that."""
    folder = suite.work / "some"
    folder.mkdir()
    texts = sorted(Path(corpus).rglob("*.txt"))[:20] or sorted(Path(corpus).rglob("*.pdf"))[:20]
    for text in texts:
        shutil.copy(text, folder)
    target = engine.rsplit("/", 1)[0] + "/pruned"
    suite.run("index", "some", "--index", "small", "--quiet")
    first = json.loads(suite.run("push", "--index", "small", "--to", target, "--recreate", "--json", "--quiet").stdout)
    suite.check("first push", first["sent"] == first["letters"] > 0, str(first))
    (folder / texts[0].name).unlink()
    suite.run("index", "some", "--index", "small", "--quiet", "--prune")
    second = json.loads(suite.run("push", "--index", "small", "--to", target, "--json", "--quiet").stdout)
    suite.check("pruned", (second["sent"], second["deleted"]) == (0, 1) and second["letters"] == first["letters"] - 1, str(second))
    status = json.loads(suite.run("status", "--json", "--engine", target).stdout)
    suite.check("status after pruning", status["complete"], str(status))


def refused(suite, engine):
    """What cannot be done is told in one sentence, and no secret is in it."""
    for args, words in [
        (["search", "x", "--engine", "http://127.0.0.1:9/imr"], "no node"),
        (["search", "x", "--engine", engine.rsplit("/", 1)[0] + "/missing"], "imr push"),
        (["search", "x", "--engine", "ftp://x"], "http"),
        (["search", "x", "--engine", "http://me:hunter2@127.0.0.1:9401"], "IMR_ENGINE_PASSWORD"),
        (["serve", "--engine", engine.rsplit("/", 1)[0] + "/missing"], "imr push"),
        (["search", "x", "--explain", "--engine", engine], "does not explain"),
    ]:
        done = suite.run(*args)
        good = done.returncode == 2 and words in done.stderr and "hunter2" not in done.stderr and done.stderr.count("\n") == 1
        suite.check(f"refused: {args[-1]}", good, done.stderr + done.stdout)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("imr")
    parser.add_argument("corpus", nargs="+")
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--queries", type=int, default=0, help="only so many queries, drawn with a seed")
    parser.add_argument("--engine", help="three nodes that run already")
    parser.add_argument("--keep", action="store_true", help="leave the nodes running")
    options = parser.parse_args()
    if not shutil.which("mvn") or not shutil.which("java"):
        print("SKIPPED: Java and Maven are needed to start OpenSearch")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    work = Path(tempfile.mkdtemp(prefix="imr-cluster-test-"))
    suite = Suite(str(Path(options.imr).resolve()), work)
    corpora = [str(Path(corpus).resolve()) for corpus in options.corpus]
    skipped = 0
    begun = time.time()
    engine = (options.engine or nodes("start", 3)[0]) + "/imr"
    print(f"three nodes after {time.time() - begun:.0f} s: {engine}", flush=True)
    try:
        indexed = suite.run("index", *corpora, "--index", "idx", "--quiet")
        begun = time.time()
        pushed = suite.run("push", "--index", "idx", "--to", engine, "--shards", "3", "--replicas", "1", "--recreate", "--json", "--quiet")
        suite.check("push", pushed.returncode == 0, pushed.stderr + pushed.stdout + indexed.stderr)
        if pushed.returncode:
            return 1
        report = json.loads(pushed.stdout)
        print(f"pushed {report['sent']} letters in {time.time() - begun:.1f} s", flush=True)
        queries = QUERIES if not options.queries else random.Random(1).sample(QUERIES, options.queries)
        compare(suite, engine, queries, [[]])
        compare(suite, engine, random.Random(2).sample(QUERIES, 6 if not options.queries else 2), FILTERS[1:])
        compare(suite, engine, ["", "norco"], [["--match", "all"], ["--match", "any"], ["--exact"], ["--mentions"], *FILTERS])
        other_commands(suite, engine)
        ranked_alike(suite, engine, queries)
        pruned(suite, engine, corpora[0])
        refused(suite, engine)
        served(suite, engine)
        follows(suite, engine)
        waits(suite, engine, corpora[0])
        refuses_letters(suite, engine, corpora[0])
        if not secured(suite, engine):
            skipped += 1
            print("SKIPPED TLS and passwords: this imr was built without --features tls", flush=True)
        if options.faults:
            faults(suite, engine)
    finally:
        if not options.keep and not options.engine:
            nodes("stop", check=False)
            shutil.rmtree(work, ignore_errors=True)
    print(f"{suite.passed} passed, {len(suite.failed)} failed, {skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())
