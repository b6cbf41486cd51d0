#!/usr/bin/env python3
"""An error at every system call: tests/faults/syscalls.py IMR [--errors EIO,ENOSPC] [--most N] [--only WORD]

Runs each command (create, update, rebuild, optimize, search, export) once under strace to count its system calls,
then again and again, each time with one call made to fail. It must end with success or a clear error: no panic, no
signal, no other output with exit code 0, and never an unsound index; one more run without errors must give what an
undisturbed run gives. Needs strace. `--most` bounds how many calls of a kind are tried (evenly spread).
"""
import argparse, collections, os, re, shutil, subprocess, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from common import Place, panicked

CALLS = ["openat", "read", "pread64", "write", "pwrite64", "writev", "fsync", "fdatasync", "rename", "unlink", "unlinkat",
         "mkdir", "mmap", "munmap", "ftruncate", "fstat", "statx", "newfstatat", "lseek", "getdents64", "flock", "close", "clone3",
         "pipe2", "fcntl", "poll", "futex_wait_never", "readlink", "ioctl", "getrandom", "mprotect", "fallocate"]
SENSIBLE = {"mmap": ["ENOMEM", "EACCES"], "clone3": ["EAGAIN", "ENOMEM"], "mprotect": ["ENOMEM"], "pipe2": ["EMFILE"],
            "read": ["EIO", "EINTR"], "pread64": ["EIO"], "write": ["EIO", "ENOSPC", "EINTR"], "openat": ["EIO", "EACCES", "EMFILE"],
            "fsync": ["EIO", "ENOSPC"], "fdatasync": ["EIO"], "close": ["EIO"], "getrandom": ["EINTR"], "munmap": []}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr")
    parser.add_argument("--errors", default="", help="only these, comma between")
    parser.add_argument("--most", type=int, default=6)
    parser.add_argument("--only", default="")
    parser.add_argument("--letters", type=int, default=12)
    parser.add_argument("--seconds", type=int, default=1 << 30)
    args = parser.parse_args()
    if not shutil.which("strace"):
        print("SKIPPED: strace is not installed")
        return
    begun, tried, failed, faults = time.time(), 0, 0, []
    with tempfile.TemporaryDirectory() as folder:
        place = Place(os.path.abspath(args.imr), folder, args.letters)
        scenarios = {
            "create": (None, ["index", place.corpus, "--jobs", "1"], 1),
            "update": (0, ["index", place.corpus, "--prune", "--jobs", "1"], 1),
            "rebuild": (0, ["index", place.corpus, "--rebuild", "--prune", "--jobs", "1"], 1),
            "optimize": (1, ["optimize"], 1),
            "search": (1, ["search", "norco", "--json"], 1),
            "export": (1, ["export", "--by", "letter", "--format", "csv"], 1),
        }
        undisturbed, saved = {}, {}
        for state in (0, 1):
            place.write_corpus(state)
            subprocess.run(["rm", "-rf", place.index])
            assert place.run("index", place.corpus).returncode == 0
            saved[state] = os.path.join(folder, f"saved{state}")
            shutil.copytree(place.index, saved[state])
        wanted = place.contents()

        def prepare(before):
            subprocess.run(["rm", "-rf", place.index])
            if before is not None:
                place.write_corpus(before)
                shutil.copytree(saved[before], place.index)
            place.write_corpus(1)

        for name, (before, command, _) in scenarios.items():
            if args.only not in name:
                continue
            prepare(before)
            log = os.path.join(folder, "log")
            plain = place.run(*command, prefix=["strace", "-f", "-qq", "-o", log])
            counts = collections.Counter(re.findall(r"^\d+\s+(\w+)\(", open(log, errors="replace").read(), re.M))
            out = re.sub(rb'"millis":[^,}]*', b"", plain.stdout)
            for call in CALLS:
                count = counts.get(call, 0)
                errors = SENSIBLE.get(call, ["EIO"])
                if args.errors:
                    errors = [error for error in errors if error in args.errors.split(",")]
                places = sorted({1 + n * max(1, count) // args.most for n in range(args.most)}) if count else []
                for nth in [n for n in places if n <= count]:
                    for error in errors:
                        if time.time() - begun > args.seconds:
                            break
                        prepare(before)
                        tried += 1
                        where = f"{name}: {call} {nth} of {count} fails with {error}"
                        inject = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                                  "-e", f"inject={call}:error={error}:when={nth}"]
                        try:
                            ran = place.run(*command, prefix=inject, timeout=60)
                        except subprocess.TimeoutExpired:
                            faults.append(f"{where}: does not end")
                            continue
                        failed += ran.returncode != 0
                        got = re.sub(rb'"millis":[^,}]*', b"", ran.stdout)
                        if panicked(ran.stderr) or panicked(ran.stdout):
                            faults.append(f"{where}: panics: {ran.stderr.decode(errors='replace')[:200]}")
                        elif ran.returncode not in (0, 1, 2, 130):
                            # Before main begins the loader and the runtime have no other way to end.
                            early = nth <= 30 and ran.returncode in (127, 134, 139, -6, -11)
                            if not early:
                                faults.append(f"{where}: exit code {ran.returncode}: {ran.stderr.decode(errors='replace')[:200]}")
                        elif ran.returncode == 2 and not ran.stderr.strip():
                            faults.append(f"{where}: exit code 2 and not a word")
                        elif ran.returncode == 0 and name in ("search", "export") and got != out:
                            faults.append(f"{where}: exit code 0 and other output ({len(got)} bytes, {len(out)} undisturbed)")
                        if os.path.exists(os.path.join(place.index, "imr.json")) and (fault := place.fault()):
                            faults.append(f"{where}: unsound: {fault}")
                        if name not in ("search", "export"):
                            again = place.run("index", place.corpus, "--prune", "--retry")
                            if again.returncode != 0:
                                faults.append(f"{where}: the next run fails: {again.stderr.decode(errors='replace')[:200]}")
                            elif place.contents() != wanted:
                                faults.append(f"{where}: the next run does not mend it")
            print(f"{name}: {tried} so far, {failed} ended with an error, {len(faults)} faults", flush=True)
    for fault in faults:
        print(fault)
    print(f"{tried} system-call errors, {failed} ended a command with an error, {len(faults)} faults, {time.time() - begun:.0f} s")
    sys.exit(1 if faults else 0)


main()
