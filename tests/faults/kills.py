#!/usr/bin/env python3
"""Kills imr at random moments: tests/faults/kills.py IMR [--kills 500] [--seed N] [--letters 60]

Each round builds an index, then kills (SIGKILL) an update, a pruning update, a rebuild or an optimization at a random
moment, up to three times in a row, and runs `imr index --prune` once more. The index must then be sound and answer
exactly as one that was never disturbed; after each kill it must open, and hold whole letters.
"""
import argparse, os, random, signal, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Place


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--letters", type=int, default=60)
    parser.add_argument("--seconds", type=int, default=1 << 30, help="stop after so long")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    begun, kills, ended, faults = time.time(), 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        place = Place(os.path.abspath(args.imr), folder, args.letters)
        small = ["--commit-letters", "8"]
        commands = {
            "create": ["index", place.corpus, *small],
            "update": ["index", place.corpus, *small],
            "prune": ["index", place.corpus, "--prune", *small],
            "rebuild": ["index", place.corpus, "--rebuild", "--prune", *small],
            "optimize": ["optimize"],
        }
        place.write_corpus(1)
        started = time.time()
        place.run("index", place.corpus)
        typical = max(0.05, time.time() - started)
        wanted = place.contents()
        assert wanted, "the undisturbed index answers"
        while kills < args.kills and time.time() - begun < args.seconds:
            subprocess.run(["rm", "-rf", place.index])
            name = rng.choice(list(commands))
            if name == "create":
                place.write_corpus(1)
            else:
                place.write_corpus(0)
                place.run("index", place.corpus, *small)
                place.write_corpus(1)
            for _ in range(rng.randint(1, 3)):
                child = subprocess.Popen(place.command(*commands[name]), stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL)
                time.sleep(rng.uniform(0, typical * 1.2))
                if child.poll() is None:
                    child.send_signal(signal.SIGKILL)
                    kills += 1
                else:
                    ended += 1
                child.wait()
                if os.path.exists(os.path.join(place.index, "imr.json")) and (fault := place.fault()):
                    faults.append(f"right after a kill of {name} (kill {kills}): {fault}")
            last = place.run("index", place.corpus, "--prune")
            if last.returncode != 0:
                faults.append(f"the run after {name} (kill {kills}): {last.stderr.decode(errors='replace')[:300]}")
            elif fault := place.fault():
                faults.append(f"after {name} (kill {kills}): {fault}")
            elif (got := place.contents()) != wanted:
                faults.append(f"after {name} (kill {kills}): {len(set(wanted) - set(got))} letters are missing, "
                              f"{len(set(got) - set(wanted))} should not be there")
            if faults and len(faults) > 10:
                break
    for fault in faults:
        print(fault)
    print(f"{kills} kills ({ended} runs ended before theirs), seed {args.seed}, {time.time() - begun:.0f} s: "
          f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
