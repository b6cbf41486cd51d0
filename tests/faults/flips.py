#!/usr/bin/env python3
"""Flips bits of an index: tests/faults/flips.py IMR [--flips 100] [--letters 3000] [--seed N] [--seconds N]

Builds an index of so many letters, then flips one bit of one of its files at random, again and again, runs commands,
and flips it back. A command must answer as before or end with an error of one sentence; `imr status --check` must
find every flip but one of the engine's version in a file's last bytes. An index of up to 24 MB must never answer otherwise; of a larger one
only some files are compared before it answers, and the number of other answers is printed. Never a panic, and of
stored letters never another text.
"""
import argparse, collections, os, random, re, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import SAMPLE, panicked

COMPARED = 24 << 20
CASE = re.compile(r"CM(\d\d)-(\d{7})")


def write_letters(folder, count):
    """Letters of the sample corpus under other case numbers, with words of their own."""
    files = sorted(os.path.join(where, name) for where, _, names in os.walk(SAMPLE) for name in names
                   if name.endswith(".txt") and "not-letters" not in where)
    rng = random.Random(7)
    os.makedirs(folder)
    for n in range(count):
        text = open(files[n % len(files)], encoding="utf-8", errors="replace").read()
        text = CASE.sub(lambda case: f"CM{case[1]}-{(int(case[2]) + n * 37) % 10**7:07d}", text)
        words = " ".join(f"word{rng.randrange(9000)}" for _ in range(60))
        open(os.path.join(folder, f"{n:06d}.txt"), "w", encoding="utf-8").write(f"{text}\n{words}\n")
    return CASE.search(open(os.path.join(folder, "000000.txt"), encoding="utf-8").read())[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr")
    parser.add_argument("--flips", type=int, default=100)
    parser.add_argument("--letters", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--seconds", type=int, default=1 << 30)
    args = parser.parse_args()
    rng, begun = random.Random(args.seed), time.time()
    with tempfile.TemporaryDirectory() as folder:
        index = os.path.join(folder, "index")
        case = write_letters(os.path.join(folder, "letters"), args.letters)

        def run(*command):
            ran = subprocess.run([os.path.abspath(args.imr), *command, "--index", index], capture_output=True,
                                 timeout=300, env={**os.environ, "NO_COLOR": "1"})
            return ran.returncode, re.sub(rb'"millis":[^,}]*', b"", ran.stdout), ran.stderr.decode(errors="replace")

        built = run("index", os.path.join(folder, "letters"), "--quiet", "--commit-letters", str(args.letters // 4 + 1))
        assert built[0] == 0, built[2]
        commands = {
            "search": ("search", "norco", "--json"),
            "facets": ("search", "knee mri", "--facets", "drug,specialty", "--json"),
            "prefix": ("search", "hydro*", "--json"),
            "stats": ("stats", "--by", "drug", "--json"),
            "show": ("show", case),
            "export": ("export", "--by", "letter", "--format", "jsonl", "--columns", "all"),
            "check": ("status", "--check"),
        }
        before = {name: run(*command) for name, command in commands.items()}
        files = [os.path.join(where, name) for where, _, names in os.walk(index) for name in names
                 if not name.startswith(".") and not name.endswith(".lock")]
        files = [path for path in files if os.path.getsize(path)]
        size = sum(map(os.path.getsize, files))
        kinds = collections.defaultdict(list)
        for path in files:
            kinds[os.path.splitext(path)[1]].append(path)
        outcomes, faults, flips = collections.Counter(), [], 0
        while flips < args.flips and time.time() - begun < args.seconds:
            flips += 1
            # By kind, by size; a fifth of them near the end, where a file says how it is made.
            path = (rng.choice(kinds[rng.choice(sorted(kinds))]) if flips % 2
                    else rng.choices(files, list(map(os.path.getsize, files)))[0])
            length = os.path.getsize(path)
            at = length - 1 - rng.randrange(min(length, 200)) if rng.random() < 0.2 else rng.randrange(length)
            bit = 1 << rng.randrange(8)
            where = f"{os.path.splitext(path)[1]} byte {at} of {length}, bit {bit}"
            with open(path, "r+b") as file:
                file.seek(at)
                sound = file.read(1)
                file.seek(at)
                file.write(bytes([sound[0] ^ bit]))
            try:
                for name, command in commands.items():
                    try:
                        code, out, err = run(*command)
                    except subprocess.TimeoutExpired:
                        faults.append(f"{where}: {name} does not end")
                        continue
                    if code not in (0, 1, 2) or panicked(err.encode()) or "internal error" in err:
                        faults.append(f"{where}: {name} ends with {code}: {err.strip()[:300]}")
                        outcomes["panics"] += 1
                    elif re.search(r"IoError|Error\(|\bkind: |Utf8Error|expected", err):
                        faults.append(f"{where}: {name} speaks Rust: {err.strip()[:300]}")
                    elif name == "check":
                        outcomes["found by --check" if code else "not found by --check"] += 1
                        # A file's end names the version of the engine, which changes nothing.
                        if not code and at < length - 200:
                            faults.append(f"{where}: --check finds nothing")
                    elif code == 2:
                        outcomes["errors"] += 1
                    elif (code, out) == before[name][:2]:
                        outcomes["same answers"] += 1
                    else:
                        outcomes[f"other answers ({os.path.splitext(path)[1]})"] += 1
                        if size <= COMPARED or path.endswith(".store"):
                            faults.append(f"{where}: {name} answers otherwise")
            finally:
                with open(path, "r+b") as file:
                    file.seek(at)
                    file.write(sound)
    for fault in faults:
        print(fault)
    each = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    print(f"{flips} flips in an index of {size >> 20} MB, seed {args.seed}, {time.time() - begun:.0f} s: {each}; "
          f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
