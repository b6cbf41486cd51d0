#!/usr/bin/env python3
"""An error at every system call: tests/faults/syscalls.py IMR [--seconds N] [--seed N] [--only WORD] [--jobs N]

Runs each command (create, update, rebuild, optimize, search, export) once under strace to count its system calls,
then again and again, each time with one call made to fail: the nth of its kind, in every thread that gets so far. It
must end with success or a clear error: no panic, no signal, no other output with exit code 0, and never an unsound
index; one more run without errors must give what an undisturbed run gives. Every case is tried, in an order that
the seed decides; `--seconds` ends earlier, and the last line says how many were left. Needs strace.

Not tried: `close`, because Linux closes the file also where it reports an error, which strace cannot do.
"""
import argparse, collections, concurrent.futures, os, random, re, shutil, subprocess, sys, tempfile, threading, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Place, panicked

PATHS = ["EIO", "EACCES", "ENOSPC"]
STAT = ["EIO", "EACCES"]
WRITE = ["EIO", "ENOSPC", "EINTR"]
ERRORS = {
    "openat": ["EIO", "EACCES", "EMFILE", "EINTR"], "read": ["EIO", "EINTR"], "pread64": ["EIO", "EINTR"],
    "write": WRITE, "pwrite64": WRITE, "writev": WRITE, "fsync": ["EIO", "ENOSPC"], "fdatasync": ["EIO"],
    "rename": PATHS, "renameat2": PATHS, "mkdir": PATHS, "unlink": STAT, "unlinkat": STAT, "rmdir": STAT,
    "ftruncate": ["EIO", "ENOSPC"], "fallocate": ["EIO", "ENOSPC"], "fstat": ["EIO"], "statx": STAT,
    "newfstatat": STAT, "lseek": ["EIO"], "getdents64": ["EIO"], "readlink": STAT, "flock": ["EINTR", "EIO"],
    "mmap": ["ENOMEM", "EACCES"], "mprotect": ["ENOMEM"], "brk": ["ENOMEM"], "clone3": ["EAGAIN", "ENOMEM"],
    "clone": ["EAGAIN", "ENOMEM"], "vfork": ["EAGAIN"], "pipe2": ["EMFILE"], "socketpair": ["EMFILE"],
    "dup2": ["EMFILE"], "execve": ["EACCES", "ENOMEM"], "fcntl": ["EIO"], "poll": ["EINTR", "ENOMEM"],
    "wait4": ["EINTR"], "getrandom": ["EINTR"], "ioctl": ["EIO"], "prlimit64": ["EPERM"], "getcwd": ["EIO"],
}
# Where there is no memory, Rust and the system's loader can only end the program.
MEMORY = {"mmap", "mprotect", "brk"}
NO_MEMORY = re.compile("memory allocation of|alternative stack|failed to initiate panic|out of memory|cannot allocate memory", re.I)
LOADER = re.compile("error while loading shared libraries|cannot open shared object|relocation", re.I)
READS = ("search", "export")


class Scenarios:
    """The commands and the states they begin in, in a folder of its own."""

    def __init__(self, imr, folder, letters):
        self.folder = folder
        self.place = place = Place(imr, folder, letters)
        self.all = {
            "create": (None, ["index", place.corpus, "--jobs", "1"]),
            "update": (0, ["index", place.corpus, "--prune", "--jobs", "1"]),
            "rebuild": (0, ["index", place.corpus, "--rebuild", "--prune", "--jobs", "1"]),
            "optimize": (2, ["optimize", "--segments", "1"]),
            "search": (1, ["search", "norco", "--json"]),
            "export": (1, ["export", "--by", "letter", "--format", "csv"]),
        }
        self.saved = {}
        for state in (0, 1):
            place.write_corpus(state)
            subprocess.run(["rm", "-rf", place.index])
            assert place.run("index", place.corpus).returncode == 0
            self.save(state)
        self.wanted = place.contents()
        # Several segments: something to merge.
        subprocess.run(["rm", "-rf", place.index])
        assert place.run("index", place.corpus, "--commit-letters", "3").returncode == 0
        place.write_corpus(1)
        self.save(2)

    def save(self, state):
        self.saved[state] = os.path.join(self.folder, f"saved{state}")
        shutil.copytree(self.place.index, self.saved[state])

    def prepare(self, name):
        before = self.all[name][0]
        subprocess.run(["rm", "-rf", self.place.index])
        if name not in READS and name != "optimize":
            self.place.write_corpus(before or 0)
        if before is not None:
            shutil.copytree(self.saved[before], self.place.index)
        if name not in READS and name != "optimize":
            self.place.write_corpus(1)

    def calls(self, name):
        """How often a thread makes each call at most, and the output."""
        self.prepare(name)
        log = os.path.join(self.folder, "log")
        plain = self.place.run(*self.all[name][1], prefix=["strace", "-f", "-qq", "-o", log])
        assert plain.returncode == 0, plain.stderr
        lines = re.findall(r"^(\d+)\s+(\w+)\(", open(log, errors="replace").read(), re.M)
        of_threads = collections.Counter(lines)
        most = collections.Counter()
        for (_, call), count in of_threads.items():
            most[call] = max(most[call], count)
        return most, answer(plain.stdout)

    def fault(self, name, call, nth, error, undisturbed):
        """What is wrong when the nth call of a thread fails: none, or a sentence; and whether the command failed."""
        self.prepare(name)
        log = os.path.join(self.folder, "injected")
        inject = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", log, "-e", f"trace={call}",
                  "-e", f"inject={call}:error={error}:when={nth}"]
        try:
            ran = self.place.run(*self.all[name][1], prefix=inject, timeout=60)
        except subprocess.TimeoutExpired:
            return "does not end", True
        said = ran.stderr.decode(errors="replace")
        failed = ran.returncode != 0
        if panicked(ran.stderr) or panicked(ran.stdout) or "internal error" in said:
            early = call in MEMORY and NO_MEMORY.search(said)
            if not early:
                return f"panics: {said[:300]}", failed
        elif ran.returncode not in (0, 1, 2, 130):
            no_memory = call in MEMORY and (NO_MEMORY.search(said) or ran.returncode in (-11, 139))
            if not no_memory and not LOADER.search(said) and not (call == "execve" and nth == 1):
                return f"exit code {ran.returncode}: {said[:300]}", failed
        elif failed and not said.strip() and not could_not_say(log):
            return f"exit code {ran.returncode} and not a word", failed
        elif re.search(r"\bOs \{|\bkind: |Error\(|IoError|\bSome\(", said):
            return f"speaks Rust: {said[:300]}", failed
        elif not failed and name in READS and answer(ran.stdout) != undisturbed:
            return f"exit code 0 and other output ({len(ran.stdout)} bytes, {len(undisturbed)} undisturbed)", failed
        if name in READS:
            return None, failed
        if os.path.exists(os.path.join(self.place.index, "imr.json")) and (fault := self.place.fault()):
            return f"unsound: {fault}", failed
        # What cannot be removed stays, and what the loader or a lack of memory ended cannot remove anything.
        if name == "optimize" and failed and ran.returncode == 2 and call not in ("unlink", "openat"):
            if left := self.place.leftovers():
                return f"leaves {len(left)} files: {said[:200]}", failed
        again = self.place.run("index", self.place.corpus, "--prune", "--retry")
        if again.returncode != 0:
            return f"the next run fails: {again.stderr.decode(errors='replace')[:300]}", failed
        if self.place.contents() != self.wanted:
            return "the next run does not mend it", failed
        return None, failed


def answer(output):
    return re.sub(rb'"millis":[^,}]*', b"", output)


def could_not_say(log):
    """Whether writing to standard error was what failed."""
    return bool(re.search(r"^\d+ +writev?\(2,.*INJECTED", open(log, errors="replace").read(), re.M))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr")
    parser.add_argument("--only", default="", help="cases whose sentence has this word")
    parser.add_argument("--letters", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=1 << 30)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    if not shutil.which("strace"):
        print("SKIPPED: strace is not installed")
        return
    begun, lock = time.time(), threading.Lock()
    tried, failed, faults = collections.Counter(), 0, []
    with tempfile.TemporaryDirectory() as folder:
        places = []
        for n in range(args.jobs):
            os.makedirs(own := os.path.join(folder, str(n)))
            places.append(Scenarios(os.path.abspath(args.imr), own, args.letters))
        cases, outputs = [], [{} for _ in places]
        for name in places[0].all:
            for n, place in enumerate(places):
                calls, outputs[n][name] = place.calls(name)
            for call, count in sorted(calls.items()):
                for nth in range(1, count + 1):
                    cases += [(name, call, nth, error) for error in ERRORS.get(call, [])]
        cases = [case for case in cases if args.only in "{}: {} {} {}".format(*case)]
        random.Random(args.seed).shuffle(cases)
        waiting = list(reversed(cases))

        def work(place, undisturbed):
            nonlocal failed
            while True:
                with lock:
                    if not waiting or time.time() - begun > args.seconds:
                        return
                    name, call, nth, error = waiting.pop()
                fault, ended = place.fault(name, call, nth, error, undisturbed[name])
                with lock:
                    tried[name] += 1
                    failed += ended
                    if fault:
                        faults.append(f"{name}: {call} {nth} fails with {error}: {fault}")
                        print(faults[-1], flush=True)

        with concurrent.futures.ThreadPoolExecutor(args.jobs) as threads:
            for done in [threads.submit(work, *of) for of in zip(places, outputs)]:
                done.result()
    each = ", ".join(f"{name} {count}" for name, count in sorted(tried.items()))
    print(f"{sum(tried.values())} of {len(cases)} system-call errors ({each}), {failed} ended a command with an error, "
          f"{len(faults)} faults, seed {args.seed}, {time.time() - begun:.0f} s")
    sys.exit(1 if faults else 0)


main()
