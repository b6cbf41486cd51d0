#!/usr/bin/env python3
"""Measures of a build over real letters and small hard cases, against the least that each must reach.

  gates.py IMR SHARED [--only NAME,...] [--write]

SHARED is the folder of test data that is no part of the project (letters with labels, judged requests, cases,
measuring scripts). gates.tsv beside this script has a line for each measure: its name, the bound it must keep
(`>=` or `<=`), and what it is. A measure without a line fails, so that none is forgotten; --write adds lines
with what was just measured as the bound. Exits with 1 when a bound is not kept.
"""
import argparse, json, os, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
BOUNDS = os.path.join(HERE, "gates.tsv")
SKIPPED = []


def run(*args, timeout=900):
    p = subprocess.run(args, capture_output=True, text=True, errors="replace", timeout=timeout)
    return p.returncode, p.stdout, p.stderr


class Gates:
    def __init__(self, imr, shared, work):
        self.imr, self.shared, self.work = imr, shared, work

    def at(self, *parts): return os.path.join(self.shared, *parts)

    def extract(self, folder, name):
        path = os.path.join(self.work, name)
        _, out, _ = run(self.imr, "extract", folder)
        open(path, "w").write(out)
        return path

    def script(self, *args): return run(sys.executable, *args)[1]

    # -------------------------------------------------------------------- fields

    def extraction(self):
        for name, labels, folder in (("letters", self.at("letters/labels.jsonl"), self.at("letters")),
                                     ("later letters", self.at("cases/later/labels.jsonl"), self.at("cases/later"))):
            out = self.script(self.at("score"), labels, self.extract(folder, name + ".jsonl"))
            low, mean = re.search(r"^lowest ([\d.]+), mean ([\d.]+)", out, re.M).groups()
            yield f"extraction, {name}: lowest field", float(low), ">="
            yield f"extraction, {name}: mean", float(mean), ">="

    def findings(self):
        out = self.script(self.at("score2"), self.at("letters/labels2.jsonl"), self.extract(self.at("letters"), "letters2.jsonl"))
        for value, name in re.findall(r"^([\d.]+)  (.+?)  \(", out, re.M):
            yield f"findings: {name}", float(value), ">="

    def vocabulary(self):
        tables = {"headings": self.at("cases/vocabulary/headings.tsv")}
        for name, column in (("drugs", 2), ("treatments", 1)):
            tables[name] = os.path.join(self.work, name + ".tsv")
            with open(tables[name], "w") as out:
                for line in open(self.at(f"cases/vocabulary/{name}.tsv")):
                    if line.strip() and line[0] != "#":
                        request, want = line.rstrip("\n").split("\t")[:2]
                        row = [request] + ["?"] * 10
                        row[column] = want
                        out.write("\t".join(row) + "\n")
        for name, table in tables.items():
            out = self.script(self.at("tools/headings.py"), self.imr, table, os.path.join(self.work, "v-" + name))
            rows = re.findall(r"^  (\w+) +(\d+)/(\d+) right", out, re.M)
            shares = {field: int(right) / int(judged) for field, right, judged in rows if judged != "0"}
            wanted = {"headings": shares, "drugs": {"drugs": shares.get("drugs", 0)}, "treatments": {"treatment": shares.get("treatment", 0)}}[name]
            yield f"vocabulary, {name}: lowest share", min(wanted.values()), ">="

    # -------------------------------------------------------------------- search

    def ranking(self):
        index = os.path.join(self.work, "index")
        run(self.imr, "index", self.at("letters"), "--index", index, "--quiet")
        gain = count = nothing = 0
        for name in ("requests", "requests2"):
            out = self.script(self.at("relevance/ndcg"), self.at(f"relevance/{name}.jsonl"), "--index", index, "--imr", self.imr)
            ndcg, recall, n, none = re.search(r"nDCG@10 ([\d.]+), recall@10 ([\d.]+), (\d+) requests, nothing relevant: (.*)", out).groups()
            gain, count = gain + float(ndcg) * int(n), count + int(n)
            nothing += 0 if none == "none" else len(none.split())
            yield f"ranking, {name}: nDCG@10", float(ndcg), ">="
            yield f"ranking, {name}: recall@10", float(recall), ">="
        yield "ranking, all: nDCG@10", gain / count, ">="
        yield "ranking, all: requests without a relevant letter", nothing, "<="

    # ---------------------------------------------------------------- robustness

    def cases(self):
        out = self.script(self.at("cases/text/run"), self.imr, self.at("cases/text"))
        yield "small texts: cases that fail", int(re.search(r"^(\d+) fail$", out, re.M).group(1)), "<="

    def near(self):
        out = self.script(self.at("tools/near.py"), self.imr, self.at("cases/near"))
        read = [int(n) for n in re.findall(r"^(\d+)-\S+ +LETTER", out, re.M)]
        yield "near documents: taken for a letter", sum(n < 20 for n in read), "<="
        yield "letters among other pages: letters found (of 5)", sum(n >= 20 for n in read), ">="
        folder = [f for f in sorted(os.listdir(self.at("cases/claim-folder"))) if f.endswith(".txt")]
        taken = [f for f in folder if run(self.imr, "extract", self.at("cases/claim-folder", f))[1].strip()]
        yield "claim folder: taken for a letter, besides the one", len([f for f in taken if f != "determination.txt"]), "<="
        yield "claim folder: the letter is read", int("determination.txt" in taken), ">="

    def changed_texts(self):
        if not shutil.which("pdftotext"):
            return SKIPPED.append("changed texts: pdftotext (poppler-utils) is not installed")
        out = self.script(self.at("tools/perturb.py"), self.imr, self.at("letters"), os.path.join(self.work, "perturb"), "--letters", "20")
        office = {"page_numbers", "running_title", "cover_page", "letterhead", "mailed_cover_letter", "fax_footer", "pleading_lines", "exhibit_stamp", "appended_denial"}
        noise = {"ocr_0.5%", "ocr_1%", "ocr_2%", "header_gone", "one_line_letter"}
        lowest, flipped, lost, name = {"office": 1.0, "other": 1.0}, 0, 0, ""
        for line in out.splitlines():
            row = re.match(r"(\S+) +\d+/\d+ +([\d.]+)%", line)
            if row:
                name = row.group(1)
                group = "office" if name in office else "" if name in noise else "other"
                if group: lowest[group] = min(lowest[group], float(row.group(2)) / 100)
            elif name in office and re.search(r"(upheld|overturned), now (upheld|overturned)", line): flipped += 1
            elif name in office and re.search(r"items, now|no letter", line): lost += 1
            elif name in office and (more := re.search(r"! and (\d+) more", line)): lost += int(more.group(1))
        yield "stamps in texts: lowest share of fields the same", lowest["office"], ">="
        yield "stamps in texts: decisions flipped", flipped, "<="
        yield "stamps in texts: letters that lose items", lost, "<="
        yield "changes of form in texts: lowest share of fields the same", lowest["other"], ">="

    def stamped_pdfs(self):
        try: import pymupdf
        except ImportError: return SKIPPED.append("stamped PDFs: PyMuPDF is not installed")
        out = self.script(self.at("tools/stamped_pdf.py"), self.imr, self.at("letters"), os.path.join(self.work, "stamped"), "20")
        rows = re.findall(r"fields (\d+)/(\d+) .*changed: (\d+) of", out)
        yield "stamped PDFs: lowest share of fields the same", min(int(a) / int(b) for a, b, _ in rows), ">="
        yield "stamped PDFs: letters harmed", sum(int(h) for _, _, h in rows), "<="

    def saved_again(self):
        out = self.script(os.path.join(HERE, "..", "tests", "resave", "run.py"), self.imr, self.at("letters"), "--letters", "48")
        rows = re.findall(r"^(\S.*?) +(\d+) of (\d+) letters equal", out, re.M)
        shares = [int(same) / int(all) for _, same, all in rows if all != "0"]
        if not shares: return SKIPPED.append("letters saved again: no program that saves PDFs is installed")
        yield "letters saved again: lowest share read as the original", min(shares), ">="

    def hostile(self):
        folder = os.path.join(self.work, "hostile")
        os.makedirs(folder)
        for f in os.listdir(self.at("cases/hostile")):
            if f.endswith(".pdf"): shutil.copy(self.at("cases/hostile", f), folder)
        shutil.copy(self.at("cases/pdf/good.pdf"), folder)
        index, started = os.path.join(self.work, "hostile-index"), time.time()
        try: code = run(self.imr, "index", folder, "--index", index, "--quiet", timeout=300)[0]
        except subprocess.TimeoutExpired: code = -1
        hits = run(self.imr, "search", "norco", "--index", index, "--json")[1].count('"type":"hit"')
        yield "hostile PDFs: the run ends and the good letter is found", int(code == 0 and hits == 1), ">="
        pdfs = sorted(f for f in os.listdir(self.at("cases/pdf")) if f.startswith(("stamp", "two-", "header", "newline", "indirect", "encrypt", "soft")))
        want = run(self.imr, "extract", self.at("cases/pdf/good.pdf"))[1]
        keep = lambda r: {k: v for k, v in r.items() if k not in ("file", "case_summary", "warnings")}
        strip = lambda item: {k: v for k, v in item.items() if k in ("request", "decision", "drugs", "treatment")}
        want = [strip(i) for i in json.loads(want.splitlines()[0])["items"]] if want else None
        same = 0
        for f in pdfs:
            lines = run(self.imr, "extract", self.at("cases/pdf", f))[1].splitlines()
            rows = [json.loads(l) for l in lines]
            same += bool(rows) and len(rows) == (2 if f.startswith("two-") else 1) and any([strip(i) for i in r["items"]] == want for r in rows)
        yield f"PDFs saved again, stamped or joined: read as the original (of {len(pdfs)})", same, ">="


def bounds():
    out = {}
    if os.path.exists(BOUNDS):
        for line in open(BOUNDS):
            if line.strip() and line[0] != "#":
                name, bound = line.rstrip("\n").split("\t")[:2]
                out[name] = (bound[:2], float(bound[2:]))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr"); parser.add_argument("shared")
    parser.add_argument("--only", default=""); parser.add_argument("--write", action="store_true")
    a = parser.parse_args()
    work, failed, known = tempfile.mkdtemp(), [], bounds()
    gates = Gates(os.path.abspath(a.imr), os.path.abspath(a.shared), work)
    names = ["extraction", "findings", "vocabulary", "ranking", "cases", "near", "changed_texts", "stamped_pdfs", "saved_again", "hostile"]
    try:
        for group in names:
            if a.only and group not in a.only.split(","): continue
            started = time.time()
            for name, value, sign in getattr(gates, group)() or ():
                bound = known.get(name)
                if bound is None and a.write:
                    with open(BOUNDS, "a") as out: out.write(f"{name}\t{sign}{value:.4g}\n")
                    bound = (sign, value)
                ok = bound is not None and (value >= bound[1] - 1e-9 if bound[0] == ">=" else value <= bound[1] + 1e-9)
                if not ok: failed.append(name)
                shown = f"{bound[0]} {bound[1]:g}" if bound else "no bound in gates.tsv"
                print(f"{'ok  ' if ok else 'FAIL'} {value:8.4g}  {shown:10}  {name}", flush=True)
            print(f"     ({group}: {time.time() - started:.0f} s)", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    for reason in SKIPPED: print("SKIPPED " + reason)
    if failed: sys.exit(f"{len(failed)} measures are outside their bounds")


if __name__ == "__main__":
    main()
