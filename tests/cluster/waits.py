"""A cluster that does not answer, loses its answers, or refuses letters: every wait ends, and it is said what happened."""

import json
import shutil
import socket
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from proxy import proxy


@contextmanager
def silent():
    """Takes connections and never answers."""
    listener = socket.create_server(("127.0.0.1", 0))
    taken = []

    def take():
        while True:
            try:
                taken.append(listener.accept()[0])
            except OSError:
                return

    threading.Thread(target=take, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
        for connection in taken:
            connection.close()


@contextmanager
def busy():
    """Answers every request with 503."""
    class Handler(BaseHTTPRequestHandler):
        def say(self):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b'{"error":{"reason":"no cluster manager"}}'
            self.send_response(503)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = say

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def ask(method, url, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as got:
        return json.loads(got.read())


def waits(suite, engine, corpus):
    nodes = engine.rsplit("/", 1)[0]
    node = nodes.split(",")[0]
    with silent() as never, busy() as always:
        for what, at, words in [("silent", never, "no node"), ("busy", always, "no cluster manager")]:
            begun = time.time()
            done = suite.run("push", "--index", "idx", "--to", f"{at}/x", "--timeout", "8")
            took = time.time() - begun
            lines = done.stderr.strip().splitlines()
            good = done.returncode == 2 and took < 12 and words in lines[-1] and "tried for" in lines[-1]
            suite.check(f"a push to a {what} cluster ends", good, f"{took:.1f} s, {done.stderr}")
        begun = time.time()
        done = suite.run("push", "--index", "idx", "--to", f"{always}/x", "--timeout", "12")
        said = [line for line in done.stderr.splitlines() if "trying again, for up to 12 s" in line]
        suite.check("a wait is told once", len(said) == 1, done.stderr)
    # The index is made, and whoever asked for it does not hear so.
    lost = []

    def loses(method, path):
        first = method in ("PUT", "DELETE") and "/_" not in path and (method, path) not in lost
        if first:
            lost.append((method, path))
        return first

    with proxy(node.split("://")[1], loses=loses) as through:
        for args in ([], ["--recreate"]):
            lost.clear()
            done = suite.run("push", "--index", "idx", "--to", f"{through}/lost", "--json", "--quiet", *args)
            good = done.returncode == 0 and lost and json.loads(done.stdout)["refused"] == []
            suite.check(f"a push goes on after a lost answer {args}", good, f"{lost} {done.stderr} {done.stdout}")


def refuses_letters(suite, engine, corpus):
    """Letters with more than one item are refused, until the cluster allows them."""
    nodes = engine.rsplit("/", 1)[0]
    node, target = nodes.split(",")[0], f"{nodes}/limited"
    folder = suite.work / "limited"
    folder.mkdir()
    for text in sorted(Path(corpus).rglob("*.txt"))[:30]:
        shutil.copy(text, folder / text.name)
    suite.run("index", "limited", "--index", "of-limited", "--quiet")
    empty = suite.work / "nothing"
    empty.mkdir()
    suite.run("index", "nothing", "--index", "of-nothing", "--quiet")
    made = suite.run("push", "--index", "of-nothing", "--to", target, "--recreate", "--quiet", "--json")
    suite.check("an index without letters is pushed", made.returncode == 0, made.stderr)
    ask("PUT", f"{node}/limited/_settings", {"index.mapping.nested_objects.limit": 1})
    done = suite.run("push", "--index", "of-limited", "--to", target, "--json", "--quiet")
    report = json.loads(done.stdout)
    refused = len(report["refused"])
    suite.check("letters are refused", done.returncode == 2 and refused > 0 and report["sent"] + refused == report["letters"], done.stdout[:300] + done.stderr[:300])
    state = json.loads(suite.run("status", "--json", "--engine", target).stdout)
    suite.check("status counts the refused", (state["complete"], state["refused"]) == (False, refused), str(state))
    told = suite.run("status", "--engine", target).stdout
    suite.check("status says what happened", f"finished, but the cluster refused {refused} letter" in told and "did not finish" not in told, told)
    told = suite.run("search", "--json", "--limit", "0", "pain", "--engine", target).stdout
    suite.check("a search says what is missing", f"refused {refused} of the letters" in told, told[:400])
    ask("PUT", f"{node}/limited/_settings", {"index.mapping.nested_objects.limit": 1000})
    done = suite.run("push", "--index", "of-limited", "--to", target, "--json", "--quiet")
    suite.check("they are sent once the cluster takes them", done.returncode == 0 and json.loads(done.stdout)["sent"] == refused, done.stdout[:300] + done.stderr)
    state = json.loads(suite.run("status", "--json", "--engine", target).stdout)
    suite.check("status after that", (state["complete"], state["refused"]) == (True, 0), str(state))
