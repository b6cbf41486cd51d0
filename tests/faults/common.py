"""What both campaigns share: a small corpus, commands over it, and what must hold of an index."""
import json, os, shutil, signal, subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "..", "..", "sample-corpus")


class Place:
    """A corpus in two states and an index, in a folder of its own."""

    def __init__(self, imr, folder, letters):
        self.imr, self.folder = imr, folder
        self.corpus, self.index = os.path.join(folder, "letters"), os.path.join(folder, "index")
        files = sorted(os.path.join(where, name) for where, _, names in os.walk(SAMPLE) for name in names
                       if name.endswith((".txt", ".pdf")) and "not-letters" not in where)
        self.files = files[:: max(1, len(files) // letters)][:letters]

    def write_corpus(self, state):
        """State 0: all letters. State 1: some changed, some gone."""
        shutil.rmtree(self.corpus, ignore_errors=True)
        os.makedirs(self.corpus)
        for n, path in enumerate(self.files):
            if state and n % 7 == 3:
                continue
            target = os.path.join(self.corpus, os.path.basename(path))
            if state and n % 5 == 1 and path.endswith(".txt"):
                text = open(path, encoding="utf-8", errors="replace").read()
                open(target, "w", encoding="utf-8").write(text + "\nOne more line.\n")
            else:
                shutil.copyfile(path, target)

    def command(self, *args):
        return [self.imr, *args, "--index", self.index]

    def run(self, *args, prefix=(), timeout=120):
        """Runs imr; what does not end in time is killed, with all that it began."""
        child = subprocess.Popen([*prefix, *self.command(*args)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env={**os.environ, "NO_COLOR": "1"}, start_new_session=True)
        try:
            out, err = child.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.communicate()
            raise
        return subprocess.CompletedProcess(child.args, child.returncode, out, err)

    def contents(self):
        """What the index answers: every letter with its items, without what depends on the run."""
        out = self.run("export", "--by", "letter", "--columns", "all", "--format", "jsonl").stdout
        return sorted(out.decode().splitlines())

    def leftovers(self):
        """Files of segments that the index does not have."""
        generation = json.load(open(os.path.join(self.index, "imr.json")))["generation"]
        folder = os.path.join(self.index, generation)
        segments = json.load(open(os.path.join(folder, "meta.json")))["segments"]
        known = {segment["segment_id"].replace("-", "") for segment in segments}
        return sorted(name for name in os.listdir(folder) if len(name) > 32 and name[:32] not in known)

    def fault(self):
        """What is wrong with the index; None if nothing."""
        check = self.run("status", "--check", "--json")
        if check.returncode != 0:
            return (check.stdout + check.stderr).decode(errors="replace").strip()[:300]
        return None


def panicked(output):
    text = output.decode(errors="replace")
    return "panicked at" in text or "RUST_BACKTRACE" in text
