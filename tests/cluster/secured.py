"""TLS, passwords and keys, against a proxy that checks them; no secret is in any message or log."""

import base64
import json

from proxy import authority, certificate, proxy
from served import get, serving

PASSWORD, KEY = "hunter2", "c2VjcmV0LWtleQ=="
BASIC = "Basic " + base64.b64encode(f"me:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, KEY, BASIC.split()[1])


def secured(suite, engine):
    """Gives False where this build of imr speaks no TLS."""
    nodes, name = engine.rsplit("/", 1)
    node = nodes.split(",")[0].split("://")[1]
    if "does not support" in suite.run("search", "x", "--engine", "https://127.0.0.1:9/x").stderr:
        return False
    folder = suite.work / "tls"
    folder.mkdir()
    ca, other = authority(folder, "ca"), authority(folder, "other")
    ours = certificate(folder, "localhost", "ca", "IP:127.0.0.1,DNS:localhost")
    elsewhere = certificate(folder, "elsewhere", "ca", "DNS:search.example.com")
    (folder / "empty.pem").write_text("nothing\n")
    basic = {"IMR_ENGINE_USER": "me", "IMR_ENGINE_PASSWORD": PASSWORD}
    key = {"IMR_ENGINE_API_KEY": KEY}
    trust = {"IMR_ENGINE_CA": str(ca)}
    search = ["search", "--json", "--limit", "20", "norco", "--engine"]
    expected = suite.run(*search, engine)
    told = []

    def asked(what, args, env, good):
        done = suite.run(*args, **env)
        told.append(done.stdout + done.stderr)
        suite.check(f"secured: {what}", good(done), f"{done.returncode} {done.stderr[:400]} {done.stdout[:200]}")

    def refuses(words):
        return lambda done: done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1 and not done.stdout

    def same(done):
        return done.returncode == 0 and done.stdout == expected.stdout

    with proxy(node, ours, {BASIC, f"ApiKey {KEY}"}) as https, proxy(node, elsewhere) as named, proxy(node, None, {BASIC}) as plain:
        at = f"{https}/{name}"
        asked("user and password", [*search, at], {**basic, **trust}, same)
        asked("a key", [*search, at], {**key, **trust}, same)
        asked("over http on this machine", [*search, f"{plain}/{name}"], basic, same)
        asked("a push", ["push", "--index", "idx", "--to", f"{https}/secured", "--recreate", "--json", "--quiet"], {**key, **trust},
              lambda done: done.returncode == 0 and json.loads(done.stdout)["refused"] == [])
        asked("status", ["status", "--json", "--engine", f"{https}/secured"], {**basic, **trust}, lambda done: json.loads(done.stdout)["complete"])
        asked("no user", [*search, at], trust, refuses("refuses access (401)"))
        asked("another password", [*search, at], {**trust, "IMR_ENGINE_USER": "me", "IMR_ENGINE_PASSWORD": "hunter22"}, refuses("refuses access (401)"))
        asked("another key", [*search, at], {**trust, "IMR_ENGINE_API_KEY": KEY + "x"}, refuses("refuses access (401)"))
        asked("no authority", [*search, at], basic, refuses("is not trusted"))
        asked("another authority", [*search, at], {**basic, "IMR_ENGINE_CA": str(other)}, refuses("IMR_ENGINE_CA"))
        asked("another machine's certificate", [*search, f"{named}/{name}"], {**basic, **trust}, refuses("is not trusted"))
        asked("a file without a certificate", [*search, at], {**basic, "IMR_ENGINE_CA": str(folder / "empty.pem")}, refuses("contains none"))
        asked("a file that is not there", [*search, at], {**basic, "IMR_ENGINE_CA": str(folder / "none.pem")}, refuses("none.pem"))
        asked("TLS where there is none", [*search, plain.replace("http:", "https:") + f"/{name}"], {**basic, **trust}, refuses("no node"))
        with serving(suite, "--engine", at, "--log-queries", env={**basic, **trust}) as (there, log):
            status, body = get(there, "/api/search?q=norco&limit=0")
            suite.check("secured: the page", status == 200 and json.loads(body)["letters"] == json.loads(expected.stdout.splitlines()[0])["letters"], body[:300])
            told.append(body + get(there, "/")[1])
        told.append(log[0])
    # The cluster is gone.
    asked("a proxy that is gone", ["push", "--index", "idx", "--to", f"{https}/{name}", "--timeout", "3"], {**key, **trust}, refuses("no node"))
    suite.check("no secret is told", not any(secret in text for secret in SECRETS for text in told), "")
    return True
