#!/usr/bin/env python3
"""Writes docs/accuracy.md: .ci/accuracy.py IMR SHARED [--check]

Measures what imr reads in letters that people have read by hand, and writes the share of right values per field and
layout, so that the page and the program cannot disagree. With --check it only compares (exit code 1 if they differ).
SHARED is the folder of the labelled letters, which are no part of the project.
"""
import collections, json, os, re, subprocess, sys, tempfile

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
imr, shared = sys.argv[1], os.path.abspath(sys.argv[2])
PAGE = "docs/accuracy.md"


def rows(path):
    return [json.loads(line) for line in open(path, encoding="utf-8") if line.strip()]


def stem(name):
    return re.sub(r"\.(txt|pdf|json)$", "", os.path.basename(name or "").split("!")[0], flags=re.I)


def extract(folder):
    return [json.loads(line) for line in subprocess.run([imr, "extract", folder], capture_output=True, text=True).stdout.splitlines()]


def scored(script, labels, records, work):
    """Field, share, number of values, as a script of the labels prints them."""
    paths = [os.path.join(work, name) for name in ("labels", "records")]
    for path, lines in zip(paths, (labels, records)):
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(line) + "\n" for line in lines)
    printed = subprocess.run([sys.executable, os.path.join(shared, script), *paths], capture_output=True, text=True).stdout
    found = {}
    for line in printed.splitlines():
        match = re.match(r"\s*(\d\.\d+)\s+(.+?)\s+\((.+)\)$", line)
        if match:
            share, field, counts = match.groups()
            numbers = [int(n) for n in re.findall(r"\d+", counts)]
            # score2 tells right, too many, missed.
            n = numbers[0] if len(numbers) == 1 else numbers[0] + numbers[2]
            found[field] = (float(share), n)
    return found


def table(columns, names):
    """A table of fields by column; a column is a dictionary of figures."""
    fields = []
    for column in columns:
        fields += [field for field in column if field not in fields]
    lines = ["| field | " + " | ".join(names) + " |", "|---|" + "---|" * len(names)]
    for field in fields:
        cells = [f"{column[field][0]:.3f} ({column[field][1]})" if field in column and column[field][1] else ""
                 for column in columns]
        lines.append(f"| {field.replace('_', ' ').replace('.', ': ')} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main():
    with tempfile.TemporaryDirectory() as work:
        records = {stem(record["file"]): record for record in extract(os.path.join(shared, "letters"))}
        labels = rows(os.path.join(shared, "letters", "labels.jsonl"))
        by_layout = collections.defaultdict(list)
        for label in labels:
            by_layout[records[stem(label["file"])]["layout"] or "none"].append(label)
        layouts = sorted(by_layout, key=lambda name: -len(by_layout[name]))
        groups = [("all", labels)] + [(name, by_layout[name]) for name in layouts]
        of = lambda group: [records[stem(label["file"])] for label in group]
        fields = [scored("score", group, of(group), work) for _, group in groups]
        why = rows(os.path.join(shared, "letters", "labels2.jsonl"))
        reasons = scored("score2", why, list(records.values()), work)
        later_folder = os.path.join(shared, "cases", "later")
        later = rows(os.path.join(later_folder, "labels.jsonl"))
        after_2017 = scored("score", later, extract(later_folder), work)
    items = lambda group: sum(len(label["items"]) for label in group)
    name = lambda layout, group: f"{layout}: {len(group)} letters, {items(group)} items"
    page = f"""# Accuracy

How often imr reads a value as a person would. `.ci/accuracy.py` produces the figures: it runs the program over
letters that people have read by hand; `.ci/run gates` fails when one of them falls.

For a field with one value, the figure is the share of letters (or items) whose value is right; a wrong value
and a missing one count alike. For a list (drugs, pages, reasons), it is F1, the harmonic mean of precision and recall
over all values. The number in parentheses is the number of labeled values. A figure of 1.000 does not mean that imr is
never wrong: if all of 40 values are right, the 95% interval for the true share is 0.91 to 1.

**What the figures are measured on.** {len(labels)} public letters with {items(labels)} disputed items, decided from {min(l["dates"]["decision"] or "9" for l in labels)[:4]} to
{max(l["dates"]["decision"] or "0" for l in labels)[:4]}, most of them PDFs that the state published. The rules were written by people who had
seen these letters, so expect somewhat less on letters of your own. Layouts B, C and D, of 2013 and 2014, are not represented here;
instead, tests compare every field of the fictitious letters in `sample-corpus/` with records written by hand.

## Fields by layout

{table(fields, [name(layout, group) for layout, group in groups])}

## Reasons and history

Why the reviewer decided this way, and what the case summary says, are harder to read, and people label them differently. Measured
on {len(why)} of the letters, on which the rules were tuned. On rationales in words that the rules had not seen, reasons agree
with the labels at F1 0.79 to 0.86; see [how letters are read](extraction.md#how-well-reasons-are-read).

{table([reasons], ["all"])}

## Letters after 2017

No full letter of these years is public. Measured on {len(later)} letters written as they probably look, with {items(later)} items.

{table([after_2017], ["all"])}

## Measure it on your letters

A wrong value is often marked: `imr search --warning contradiction` and `imr facets warning` find the letters
about which imr itself has doubts ([extraction.md](extraction.md) lists the kinds), and `imr status` shows by year how many
letters have no items, no rationale or no reviewer citation. To label letters of your own, correct the output of `imr
extract` and compare with `imr extract letters/ --against corrected.jsonl`: it lists every field that differs.
"""
    if "--check" in sys.argv:
        same = os.path.exists(PAGE) and open(PAGE, encoding="utf-8").read() == page
        print("docs/accuracy.md agrees" if same else "docs/accuracy.md differs: run .ci/accuracy.py IMR SHARED")
        sys.exit(0 if same else 1)
    open(PAGE, "w", encoding="utf-8").write(page)


main()
