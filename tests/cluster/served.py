"""`imr serve --engine URL` next to `imr serve --index DIR`: what the page and the API answer."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from urllib.parse import quote, urlencode

SEARCHES = [
    "q=norco", "q=lumbar+mri", "q=physical+therapy&decision=overturned", "drug=opioid", "q=taper*", "q=-norco",
    "q=norco+qwertyuiop", "q=functional+improvement&year=2013..2015", "q=pain+w/5+relief", "q=norco+overturned",
    "decision=upheld&treatment=surgery", "q=qwertyuiop", "q=accupuncture", "match=any&q=norco+gym",
]
FACETS = ["drug", "decision", "treatment", "specialty", "year", "reason", "guideline", "page"]


@contextmanager
def serving(suite, *where, env=None):
    """A server; gives its address and a list that holds its log in the end."""
    server = subprocess.Popen([suite.imr, "serve", "--port", "0", *where], cwd=suite.work, env={**suite.env, **(env or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    log = []
    try:
        address = server.stdout.readline().strip()
        if not address:
            raise SystemExit(f"imr serve {where}: {server.stderr.read()}")
        yield address, log
    finally:
        server.terminate()
        log.append(server.communicate(timeout=30)[1])


def get(address, path, data=None, headers=None):
    """Status and body; what took too long on a busy machine is asked again."""
    request = urllib.request.Request(address.rstrip("/") + path, data=data, headers=headers or {})
    for left in reversed(range(8)):
        try:
            with urllib.request.urlopen(request, timeout=60) as got:
                return got.status, got.read().decode()
        except urllib.error.HTTPError as error:
            said = error.code, error.read().decode()
            if said[0] != 503 or not left:
                return said


def unordered(status, body):
    """An answer of the API without scores, their order, and what only an index in a folder has."""
    def strip(value):
        if isinstance(value, dict):
            hits = value.get("hits")
            value = {key: strip(own) for key, own in value.items() if key not in ("score", "millis", "rank", "commit")}
            if isinstance(hits, list):
                for hit in value["hits"]:
                    for key in ("items", "snippets"):
                        if isinstance(hit.get(key), list):
                            hit[key].sort(key=lambda one: json.dumps(one, sort_keys=True))
                value["hits"].sort(key=lambda hit: json.dumps(hit, sort_keys=True))
            return value
        return [strip(own) for own in value] if isinstance(value, list) else value

    try:
        return status, json.dumps(strip(json.loads(body)), sort_keys=True)
    except ValueError:
        return status, body


def without_snippets(status, body):
    """As `unordered`, without what is quoted."""
    answer = json.loads(body)
    for hit in answer.get("hits", []):
        hit.pop("snippets", None)
    return unordered(status, json.dumps(answer))


def page(status, body):
    """A page without its list of hits (their order is by score) and the time that it took; on a cluster there are
    no letters that match in part, and no files."""
    body = re.sub(r'<h2>Letters that match in part</h2>|<p class="remark partly">.*?</p>|<a class="in-file".*?</a>', "", body)
    body = re.sub(r'<ol class="hits.*?</ol>', "", body, flags=re.S)
    return status, re.sub(r'<p class="quiet time">.*?</p>', "", body)


def rows(status, body):
    """The lines of a table or a feed in some order: letters of one day are in the order of their scores."""
    return status, "\n".join(sorted(re.split(r"\r?\n|(?=<entry>)", body)))


def served(suite, engine):
    with serving(suite, "--index", "idx", "--quiet") as (here, _), serving(suite, "--engine", engine) as (there, log):
        def same(path, how=unordered, data=None, headers=None):
            a, b = (how(*get(at, path, data, headers)) for at in (here, there))
            differs = "" if a == b else next(
                (f"{a[1][max(n - 150, 0):n + 150]}\n--- there\n{b[1][max(n - 150, 0):n + 150]}"
                 for n, (x, y) in enumerate(zip(a[1] + "\0", b[1] + "\0")) if x != y), "")
            suite.check(f"serve {path}", a == b, f"{a[0]} {b[0]}\n--- here\n{differs}")
            return b

        for search in SEARCHES:
            # Snippets of a list are of the same sentences; 200 hits are all that match in the corpora of this suite.
            # Which of its items a letter is shown by goes by score, which differs for the beginning of a word.
            how = without_snippets if "*" in search else unordered
            same(f"/api/search?{search}&facets=all&top=1000&limit=200", how)
            same(f"/?{search}", page)
            same(f"/export?{search}", page)
        for facet in FACETS:
            same(f"/api/facets/{facet}?q=pain")
        for path in ("/api/stats?by=drug&q=pain", "/api/stats?by=specialty&over=year", "/api/reasons", "/api/checklist?drug=opioid",
                     "/api/compare?a=q%3Dnorco&b=drug%3Dtramadol", "/healthz", "/api/suggest?q=nor", "/api/suggest?q=CM15"):
            same(path, lambda status, body: unordered(status, re.sub(r'"letters":\[[^]]*\]', "", body)))
        for path in ("/figures", "/figures?by=drug&q=pain", "/compare?a=q%3Dnorco&b=drug%3Dtramadol"):
            same(path, lambda status, body: (status, re.sub(r'(?s)<ul class="(?:letters|examples)">.*?</ul>', "", body)))
        same("/api/export?format=csv&sort=case&q=norco", rows)
        same("/api/export?format=jsonl&by=letter&sort=decided", rows)
        same("/feed?q=norco", rows)
        first = json.loads(get(there, "/api/search?q=norco&limit=1")[1])["hits"][0]
        same(f"/api/letters/{first['id']}")
        same(f"/api/letters/{first['id']}/similar")
        # A citation names the page of the file, which the cluster does not have.
        same(f"/letters/{first['id']}?q=norco", lambda status, body: page(status, re.sub(r'<p class="links">.*?</p>|, page \d+(?=, )', "", body)))
        same("/api/letters/CM15-0900991")
        text = "REQUEST FOR AUTHORIZATION\n\nRequested: Norco 10/325mg #60\n\nDiagnosis: low back pain.\n"
        form = urlencode({"text": text}).encode()
        same("/api/similar", data=form, headers={"Content-Type": "application/x-www-form-urlencoded"})
        # What a cluster does not have is said in one sentence, to programs and to people.
        status, body = get(there, f"/letters/{first['id']}")
        suite.check("serve says that there is no file", status == 200 and "not its file" in body and "/source" not in body, body[:300])
        status, body = get(there, f"/letters/{first['id']}/source")
        suite.check("serve has no file", status == 501 and "not their files" in body, f"{status} {body[:300]}")
        since = quote(json.loads(get(here, "/api/search?limit=0")[1])["commit"])
        status, body = get(there, f"/api/search?added-after={since}")
        suite.check("serve does not know when letters were added", status == 501 and "when letters were added" in json.loads(body)["detail"], f"{status} {body[:300]}")
        status, body = get(there, f"/?added-after={since}")
        suite.check("the page says so, too", status == 501 and "when letters were added" in body, f"{status} {body[:300]}")
        status, body = get(there, "/")
        suite.check("the page says where searches go", "A cluster answers the searches: imr on http" in body and "stays on this computer" not in body, body[:300])
        status, body = get(there, "/api/search?q=%22")
        suite.check("a query that cannot be read", status == 400, f"{status} {body[:300]}")
    suite.check("the log says what was answered", "GET /api/search 200" in log[0], log[0][:300])


def follows(suite, engine):
    """The page sees a push within seconds; an answer that is kept is not older than what was pushed."""
    target = engine.rsplit("/", 1)[0] + "/pruned"
    with serving(suite, "--engine", target, "--quiet") as (there, _):
        before = json.loads(get(there, "/api/search?limit=0")[1])["letters"]
        moved = sorted((suite.work / "some").iterdir())[0]
        held = moved.read_bytes()
        moved.unlink()
        suite.run("index", "some", "--index", "small", "--quiet", "--prune")
        pushed = suite.run("push", "--index", "small", "--to", target, "--quiet")
        end = time.time() + 20
        while time.time() < end and json.loads(get(there, "/api/search?limit=0")[1])["letters"] == before:
            time.sleep(0.5)
        after = json.loads(get(there, "/api/search?limit=0")[1])["letters"]
        expected = json.loads(suite.run("status", "--json", "--index", "small").stdout)["letters"]
        suite.check("serve sees a push", after == expected != before, f"{before} {after} {expected} {pushed.stderr}")
        moved.write_bytes(held)
