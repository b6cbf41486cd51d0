#!/usr/bin/env python3
"""Records what imr answers to a fixed list of requests, and compares two recordings.

  answers.py record IMR CORPUS OUT.xz [--requests FILE] [--limit N]
  answers.py compare BEFORE.xz AFTER.xz [--kind KIND] [--part PART] [--examples N] [--id N]
  answers.py generate > requests.jsonl

`record` builds an index of CORPUS with the program IMR, runs every request of requests.jsonl (beside this
script) and writes one JSON object a line: hits, scores, counts, facets, snippets, messages and exported
bytes. What changes from run to run (times, today's date, paths) is left out. `compare` prints a table of
kinds of request by parts of the answer, with the number of changed answers and examples; it exits with 1
when anything changed. `generate` is how requests.jsonl was made, from the vocabulary tables and a fixed
seed; the list is a file so that recordings stay comparable while the tables change.

In a request, {case:N} stands for the Nth case number among the file names of the corpus.
"""
import argparse, collections, datetime, hashlib, io, json, lzma, os, random, re, shutil, subprocess, sys, tempfile, zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
REQUESTS = os.path.join(HERE, "requests.jsonl")

# ---------------------------------------------------------------- generating requests

FINDINGS = """functional improvement|failed conservative treatment|home exercise program|urine drug screen|return to work|
activities of daily living|side effects|weaning|red flags|radiculopathy|range of motion|first-line therapy|not documented|
gastrointestinal risk|adverse effects|pain relief|physical examination|opioid agreement|depression|sleep|spasm|guarding|
surgery|postoperative|numbness|weakness|swelling|tenderness|modified duty|plateau|instability|fracture|infection|obesity|
diabetes|smoking|anxiety|insomnia|headache|nerve damage""".replace("\n", "").split("|")
LONG = """repeat imaging of the low back has already been done and nothing changed
therapy after carpal tunnel release with no gain in function
quantity dose or duration of the medication is not specified
worker has not returned to work and takes opioids every day for years
denied because guidelines do not recommend compounded topical creams
epidural injection without signs of nerve root compression on examination
is a proton pump inhibitor needed without gastrointestinal risk factors
home care after knee replacement for a worker who lives alone
psychological evaluation before a spinal cord stimulator trial
acupuncture visits beyond the first six without improvement
request for authorization of physical therapy three times a week for four weeks
urine drug testing more often than once a year for a low risk patient
the MRI was approved because there are red flags and progressive weakness
muscle relaxant used for longer than two to three weeks
gym membership is not medical treatment under the guidelines""".split("\n")
MISSPELT = """hydrocodne|acupunture|physical theraphy|lumbar magnetic resonanse|norcoo|epidurl steroid injection|
gabapentine|carple tunnel|shoulder arthroscpy|tramadal|chiropractc|ibuprofin|cyclobenzaprin|sugery|orthopedc""".replace("\n", "").split("|")
FACETS = """drug class treatment body-part decision guideline source page specialty licensure year outcome sex age layout
warning priority drug/opioid""".split()
SORTS = "relevance decided injured case items".split()
YEARS = ["2013", "2014", "2015", "2016", "2017", "2014..2016", "..2014", "2016.."]


def table(name, column):
    rows = [l.rstrip("\n").split("\t") for l in open(os.path.join(ROOT, "index-schema", name)) if l.strip() and l[0] != "#"]
    return [r[column] for r in rows[0:] if len(r) > column and r[column]]


def generate():
    pick = random.Random(20261127)
    drugs = """norco hydrocodone tramadol ultram gabapentin neurontin omeprazole prilosec naproxen soma carisoprodol
        cyclobenzaprine flexeril ibuprofen motrin percocet oxycodone morphine lyrica cymbalta lidoderm terocin menthoderm
        ambien zolpidem tizanidine celebrex voltaren butrans nucynta topamax""".split()
    drugs += pick.sample(table("drugs.tsv", 0)[1:], 25)
    treatments = ["mri", "physical therapy", "acupuncture", "chiropractic", "epidural steroid injection", "tens unit", "x-ray",
        "arthroscopy", "fusion", "emg", "ncv", "home health", "gym membership", "cognitive behavioral therapy", "knee brace",
        "aquatic therapy", "functional restoration program", "urine drug screen", "consultation", "transportation"]
    treatments += pick.sample(table("treatments.tsv", 0)[1:], 25)
    parts = ["knee", "shoulder", "low back", "lumbar", "neck", "cervical", "wrist", "ankle", "hip", "elbow", "hand", "thumb"]
    names = table("treatment_categories.tsv", 0)[1:]
    classes = table("drug_classes.tsv", 0)[1:]
    specialties = ["pmr", "orthopedic surgery", "pain management", "psychology", "chiropractic", "internal medicine", "acupuncture",
        "occupational medicine", "family practice", "neurology"]
    guidelines = ["mtus", "odg", "acoem", "chronic pain", "low back", "knee", "shoulder", "opioids", "acupuncture", "postsurgical"]
    states = ["California", "TX", "New York", "florida", "Oregon"]
    synonyms = [w for row in table("synonyms.tsv", 0)[1:] for w in row.split("|")]
    everything = drugs + treatments + parts + FINDINGS + synonyms
    facet_values = {
        "drug": drugs + classes, "decision": ["upheld", "overturned"], "treatment": names + treatments[:10],
        "body-part": parts, "guideline": guidelines, "page": ["78", "68", "98", "22", "303", "78..80", "9", "117"],
        "cited-by": ["reviewer", "administrator"], "specialty": specialties, "licensure": states, "year": YEARS,
        "decided": ["2015", "2014-03", "2013..2015-06", "2016-01-01..", "..2014"], "injured": ["2010..", "..2005", "2012", "2009..2013"],
        "age": ["40..60", "..35", "60..", "52"], "sex": ["male", "female"], "outcome": ["upheld", "overturned", "mixed"],
        "case": ["{case:%d}" % n for n in range(1, 90, 9)],
    }
    filters = list(facet_values)

    def value(name): return pick.choice(facet_values[name])
    def flag(name, never=False):
        exclude = never and name != "cited-by"
        return [("--not-" if exclude else "--") + name, value(name)]

    out = []
    def add(kind, *args): out.append({"kind": kind, "args": list(args)})
    def search(kind, *args): add(kind, "search", *args, "--json")

    for w in drugs[:35] + treatments[:20] + parts + pick.sample(FINDINGS, 20): search("one term", w)
    for _ in range(80): search("two or three terms", *pick.sample(everything, pick.choice([2, 2, 3])))
    for text in LONG: search("long", text)
    for _ in range(15): search("long", " ".join(pick.sample(everything, pick.randint(4, 7))))
    for f in FINDINGS[:14]: search("phrase", '"%s"' % f)
    for f in FINDINGS[:6]: search("phrase", '"%s"~%d' % (f, pick.randint(1, 6)))
    for _ in range(16):
        a, b = pick.sample([x for x in drugs[:30] + parts + FINDINGS if " " not in x and "-" not in x], 2)
        search("operators", pick.choice(["%s w/5 %s", "%s OR %s", "%s -%s", "%s NOT %s", "(%s OR mri) %s", "%s AND %s"]) % (a, b))
    for s in ["taper*", "wean*", "functional*", "oxy*", "spin*", '"functional restor*"', "opioid w/5 (taper* OR wean*)", "arthro*",
              "drug:norc*", "specialty:ortho*", "case:CM15*", "body-part:lumb*", "authoriz*", "medicat*", "evaluat*", "taper!"]:
        search("truncation", s)
    for q in ["drug:norco", "drug:opioid decision:overturned", "-decision:overturned mri", "request:mri", 'request:"physical therapy"',
              "rationale:taper", "summary:fell", "case:{case:5}", "year:2015 knee", "page:78", "guideline:odg", "specialty:pmr",
              "outcome:mixed", "(drug:norco decision:overturned) OR acupuncture", "NOT (drug:norco OR decision:upheld)", "sex:female age:40..50",
              "treatment:imaging OR treatment:surgery", "body-part:knee -drug:norco", "guidelines:opioids", "decided:2015-01..2015-06",
              "injured:..2010", "licensure:california", 'rationale:"functional improvement"', "drug:tramadol OR drug:norco",
              "treatment:pharmacy -drug:opioid decision:upheld"]:
        search("fields", q)
    for name in filters:
        for _ in range(4): search("one filter", *flag(name))
        search("one filter", *flag(name, never=True))
    for _ in range(50):
        flags = [x for n in pick.sample(filters[:10], pick.choice([2, 2, 3])) for x in flag(n, pick.random() < 0.15)]
        search("filters", *([] if pick.random() < 0.5 else [pick.choice(everything)]), *flags, *(["--any-item"] if pick.random() < 0.2 else []))
    for name in FACETS:
        search("facets", "--facets", name, "--top", "50", "-n", "3")
        search("facets", pick.choice(drugs[:20] + treatments[:10]), "--facets", name, "-n", "3")
    for _ in range(20):
        search("facets", *flag(pick.choice(filters[:5])), "--facets", ",".join(pick.sample(FACETS[:12], 3)), "-n", "2")
    search("facets", "--facets", "all", "-n", "1")
    for mode in ["all", "most", "any"]:
        for _ in range(8): search("match mode", *pick.sample(everything, 3), "--match", mode)
    for _ in range(15): search("exact", *pick.sample(drugs[:20] + synonyms, 2), "--exact")
    for by in SORTS:
        for _ in range(4): search("order", pick.choice(parts + drugs[:12]), "--sort", by, "-n", "12", "--offset", str(pick.choice([0, 5, 10])))
    for _ in range(6): search("explained", *pick.sample(everything, 2), "--explain", "-n", "3")
    for w in MISSPELT: search("misspelt", w)
    for w in ["overturned norco", "denied mri", "approved acupuncture", "upheld surgery", "medication not medically necessary"]:
        search("decision words", w)
    for n in range(0, 80, 8): search("case numbers", "{case:%d}" % n)
    for args in (['"open'], ["(norco"], ["drgu:norco"], ["--drug", "norcoo"], ["--decision", "perhaps"], ["--page", "x"], ["--year", "2017..2013"],
                 ["--sex", "none"], ["w/5"], ["drug:"], ["--facets", "colour"], ["a*"], ["--treatment", "mrii"], ["--specialty", "wizard"],
                 ["zzzqqq"], ["norco zzzqqq"]):
        search("refused or nothing", *args)
    for args in (["norco"], ["norco", "taper", "--decision", "overturned"], ["knee", "mri"], ["acupunture"], ["--drug", "opioid", "--facets", "decision,year"],
                 ["lumbar epidural"], ["zzzqqq"], ["overturned norco"], ["functional improvement", "--explain"], ["physical therapy after carpal tunnel release"]):
        add("as people read it", "search", *args)

    columns = ",".join(c for c in table("columns.tsv", 0)[1:] if c not in ("text", "files", "file"))
    for fmt in ["csv", "tsv", "jsonl", "md", "html", "xlsx"]:
        for by in ["item", "letter"]:
            add("export", "export", pick.choice(drugs[:12] + treatments[:8]), "--format", fmt, "--by", by)
            add("export", "export", *flag(pick.choice(["drug", "treatment", "body-part", "year", "decision"])), "--format", fmt, "--by", by, "-n", "20")
    for by in ["item", "letter"]:
        for q in ["mri", "opioid", "surgery"]: add("export", "export", q, "--by", by, "--columns", columns)
    add("export", "export", "--by", "item")
    add("export", "export", "--by", "letter", "--format", "jsonl", "-n", "30")
    for name in FACETS[:14]: add("stats", "stats", "--by", name, "--json")
    for _ in range(20):
        add("stats", "stats", pick.choice(drugs[:20] + treatments[:15]), *(["--by", pick.choice(FACETS[:9])] if pick.random() < 0.5 else []), "--json")
    for _ in range(8): add("stats", "stats", *flag(pick.choice(filters[:8])), "--over", pick.choice(["year", "quarter"]), "--json")
    for args in (["--by", "drug,decision"], ["--by", "class,specialty"], ["--over", "year", "--by", "treatment"], ["--reasons"], ["--reasons", "--treatment", "pharmacy"]):
        add("stats", "stats", *args, "--json")
    for args in (["--by", "class"], ["norco"], ["--over", "year"], ["--reasons", "--top", "5"]): add("stats", "stats", *args)
    for a, b in (("opioid", "nsaid"), ("norco", "tramadol"), ("gabapentin", "omeprazole"), ("soma", "cyclobenzaprine")):
        add("compare", "compare", "--drug", a, "--versus", "drug=" + b, "--json")
    for a, b in (("mri", "x-ray"), ("acupuncture", "chiropractic"), ("knee", "shoulder"), ("taper", "wean")):
        add("compare", "compare", a, "--json", "--", b)
    add("compare", "compare", "--treatment", "surgery", "--versus", "treatment=imaging")
    for n in range(2, 80, 7): add("show", "show", "{case:%d}" % n, "--json")
    for n in (3, 40): add("show", "show", "{case:%d}" % n)
    add("show", "show", "CM99-0000000")
    for n in range(1, 80, 6): add("similar", "similar", "{case:%d}" % n, "--json", "-n", "8")
    for same in ("drug", "treatment", "body-part"): add("similar", "similar", "{case:10}", "--same", same, "--json")
    add("similar", "similar", "{case:11}")
    for name in FACETS[:13]: add("facet values", "facets", name, "--json")
    add("facet values", "facets", "drug", "--prefix", "opi")
    seen, n = set(), 0
    for r in out:
        key = json.dumps(r)
        if key in seen: continue
        seen.add(key)
        print(json.dumps({"id": n, **r}))
        n += 1


# ---------------------------------------------------------------- recording

CASE = re.compile(r"CM\d\d-\d{7}")


def cases_of(corpus):
    names = (name for _, _, files in os.walk(corpus) for name in files)
    return sorted({m.group() for m in map(CASE.search, names) if m})


def rounded(value):
    """Floats to four figures; keys that time a run are dropped."""
    if isinstance(value, float): return float("%.4g" % value)
    if isinstance(value, list): return [rounded(v) for v in value]
    if isinstance(value, dict): return {k: rounded(v) for k, v in value.items() if k not in ("millis", "version", "seconds")}
    return value


def marked(snippet):
    """The text of a snippet with its marks as brackets: «...»."""
    text = snippet.get("text", "").encode()
    for m in sorted(snippet.get("marks", []), key=lambda m: -m["start"]):
        text = text[:m["start"]] + "«".encode() + text[m["start"]:m["end"]] + "»".encode() + text[m["end"]:]
    return [snippet.get("field"), snippet.get("item"), text.decode(errors="replace")]


def of_search(lines):
    """The parts of an answer in JSON lines."""
    parts = collections.defaultdict(list)
    for row in lines:
        if row.get("type") == "summary":
            row = dict(row)
            parts["counts"] = {k: row.pop(k, None) for k in ("letters", "items", "relaxed")}
            parts["facets"] = row.pop("facets", [])
            for key in ("type", "millis"): row.pop(key, None)
            parts["understood"] = rounded(row)
        elif row.get("type") in ("hit", "mention"):
            if row["type"] == "mention": parts["mentions"].append(row.get("case_number") or row.get("file"))
            if row["type"] == "mention": continue
            who = row.get("case_number") or row.get("file")
            parts["hits"].append(who)
            parts["scores"].append([who, rounded(row.get("score"))])
            parts["matching items"].append([who, row.get("matching_items"), row.get("complete")])
            parts["snippets"].append([who] + [marked(s) for s in row.get("snippets", [])])
            if row.get("explanation"): parts["explanation"].append([who, row["explanation"]])
        else:
            parts["other lines"].append(rounded(row))
    return parts


def of_output(args, out, clean):
    if "xlsx" in args:
        try:
            book = zipfile.ZipFile(io.BytesIO(out))
            sheets = {n: hashlib.sha256(clean(book.read(n).decode()).encode()).hexdigest()[:16] for n in sorted(book.namelist()) if "docProps" not in n}
            return {"bytes": sheets}
        except zipfile.BadZipFile:
            pass
    text = clean(out.decode(errors="replace"))
    if args[0] in ("search", "similar") and "--json" in args:
        try: return of_search([json.loads(l) for l in text.splitlines()])
        except ValueError: pass
    if "--json" in args:
        try: return {"json": [rounded(json.loads(l)) for l in text.splitlines()]}
        except ValueError: pass
    if args[0] == "export" and len(text) > 400_000: return {"bytes": [len(text), hashlib.sha256(text.encode()).hexdigest()]}
    return {"bytes": text} if args[0] == "export" else {"text": text}


def record(imr, corpus, out_path, requests, limit):
    imr, cases = os.path.abspath(imr), cases_of(corpus)
    folder = os.path.abspath(corpus)
    work = tempfile.mkdtemp()
    index = os.path.join(work, "index")
    env = {**os.environ, "NO_COLOR": "1", "TZ": "UTC"}
    env.pop("IMR_INDEX", None)
    today = datetime.date.today().isoformat()

    def clean(text):
        # How the folder is written depends on where the recording was made.
        text = text.replace(index, "INDEX").replace(folder, "CORPUS").replace(today, "TODAY").replace(imr, "IMR")
        return re.sub(r"\b\d+(\.\d+)? ?m?s\b(?= *[).,\n])", "TIME", text)

    def case(m): return cases[int(m.group(1)) % len(cases)]
    try:
        made = subprocess.run([imr, "index", folder, "--index", index, "--quiet"], env=env, capture_output=True, text=True)
        if made.returncode != 0: sys.exit("the index was not built: " + made.stderr)
        with lzma.open(out_path, "wt", encoding="utf-8", preset=9) as out:
            for n, line in enumerate(open(requests)):
                if limit is not None and n >= limit: break
                r = json.loads(line)
                args = [re.sub(r"\{case:(\d+)\}", case, a) for a in r["args"]]
                ran = subprocess.run([imr, args[0], "--index", index, *args[1:]], env=env, capture_output=True)
                parts = of_output(args, ran.stdout, clean)
                parts["exit code"] = ran.returncode
                parts["messages"] = clean(ran.stderr.decode(errors="replace"))
                out.write(json.dumps({"id": r["id"], "kind": r["kind"], "args": args, "parts": parts}, ensure_ascii=False) + "\n")
    finally:
        shutil.rmtree(work, ignore_errors=True)


# ---------------------------------------------------------------- comparing

def load(path):
    rows = map(json.loads, lzma.open(path, "rt", encoding="utf-8"))
    return {(r["id"], tuple(r["args"])): r for r in rows}


def brief(value, most=300):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= most else text[:most] + " ..."


def difference(a, b):
    """The first place where two parts differ, as two short texts."""
    if isinstance(a, list) and isinstance(b, list):
        for n, (x, y) in enumerate(zip(a, b)):
            if x != y:
                x, y = difference(x, y)
                return "[%d] %s" % (n, x), "[%d] %s" % (n, y)
        return "%d entries" % len(a), "%d entries, then %s" % (len(b), brief(b[len(a):] or "nothing", 120))
    if isinstance(a, dict) and isinstance(b, dict):
        for k in [*a, *(k for k in b if k not in a)]:
            if a.get(k) != b.get(k):
                x, y = difference(a.get(k), b.get(k))
                return "%s: %s" % (k, x), "%s: %s" % (k, y)
    if isinstance(a, str) and isinstance(b, str):
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        at = max(0, at - 60)
        return brief(a[at:], 160), brief(b[at:], 160)
    return brief(a, 160), brief(b, 160)


def lean(part):
    """Without keys that say nothing: a version that knows more keys answers the same where they are empty."""
    return {k: v for k, v in part.items() if v not in (None, [], {}, "", False, 0)} if isinstance(part, dict) else part


def compare(before, after, kind, part, examples, only):
    before, after = load(before), load(after)
    kinds = collections.OrderedDict()
    shown = collections.defaultdict(list)
    for key, a in before.items():
        b = after.get(key)
        if (kind and a["kind"] != kind) or (only is not None and a["id"] != only): continue
        tally = kinds.setdefault(a["kind"], collections.Counter())
        tally["requests"] += 1
        if b is None:
            tally["missing"] += 1
            continue
        changed = False
        for name in sorted({*a["parts"], *b["parts"]}):
            x, y = lean(a["parts"].get(name)), lean(b["parts"].get(name))
            if x == y or (part and name != part): continue
            if not x and not y: continue
            changed = True
            tally["part", name] += 1
            shown[a["kind"], name].append((a["id"], a["args"], x, y))
        tally["changed" if changed else "same"] += 1
    extra = len([k for k in after if k not in before])
    total = collections.Counter()
    print("%-22s %8s %6s %8s  %s" % ("kind", "requests", "same", "changed", "parts that changed"))
    for name, tally in kinds.items():
        parts = ", ".join("%s %d" % (k[1], n) for k, n in tally.items() if isinstance(k, tuple))
        missing = ", missing %d" % tally["missing"] if tally["missing"] else ""
        print("%-22s %8d %6d %8d  %s%s" % (name, tally["requests"], tally["same"], tally["changed"], parts, missing))
        total.update({k: v for k, v in tally.items() if not isinstance(k, tuple)})
    print("%-22s %8d %6d %8d" % ("all", total["requests"], total["same"], total["changed"]))
    if extra: print("%d requests only in the second recording" % extra)
    for (name, part_name), rows in shown.items():
        for number, args, x, y in rows[:examples]:
            was, now = (json.dumps(x, ensure_ascii=False, indent=1), json.dumps(y, ensure_ascii=False, indent=1)) if only is not None else difference(x, y)
            print("\n%s, %s: request %d: imr %s\n  before: %s\n  after:  %s" % (name, part_name, number, " ".join(args), was, now))
    return 1 if total["changed"] or total["missing"] or extra else 0


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    do = parser.add_subparsers(dest="do", required=True)
    do.add_parser("generate")
    r = do.add_parser("record")
    r.add_argument("imr"); r.add_argument("corpus"); r.add_argument("out")
    r.add_argument("--requests", default=REQUESTS); r.add_argument("--limit", type=int)
    c = do.add_parser("compare")
    c.add_argument("before"); c.add_argument("after")
    c.add_argument("--kind"); c.add_argument("--part"); c.add_argument("--examples", type=int, default=1); c.add_argument("--id", type=int)
    a = parser.parse_args()
    if a.do == "generate": generate()
    elif a.do == "record": record(a.imr, a.corpus, a.out, a.requests, a.limit)
    else: sys.exit(compare(a.before, a.after, a.kind, a.part, a.examples, a.id))


if __name__ == "__main__":
    main()
