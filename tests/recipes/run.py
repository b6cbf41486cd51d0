#!/usr/bin/env python3
"""Runs every block of docs/recipes.md over the sample corpus, compares what each prints with the `text` block after it,
and shows that Parquet, JSON Lines and SQLite say the same.

    python3 tests/recipes/run.py path/to/imr            # needs pandas, pyarrow and duckdb; R and datasette if there
    python3 tests/recipes/run.py path/to/imr --bless    # writes the outputs into the page
"""
import contextlib, io, json, os, re, shutil, sqlite3, subprocess, sys, tempfile
from pathlib import Path

root = Path(__file__).resolve().parents[2]
page = root / "docs/recipes.md"
imr, bless = Path(sys.argv[1]).resolve(), "--bless" in sys.argv
environment = {**os.environ, "PATH": f"{imr.parent}:{os.environ['PATH']}", "NO_COLOR": "1", "SOURCE_DATE_EPOCH": "1768435200"}
environment.pop("IMR_INDEX", None)


def shell(code):
    subprocess.run(["sh", "-ec", code], check=True, env=environment, stderr=subprocess.DEVNULL)


def python(code):
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, str(page), "exec"), {})
    return printed.getvalue()


def rows(found):
    return "".join("|".join("" if value is None else str(value) for value in row) + "\n" for row in found)


def duck(code):
    import duckdb

    return rows(duckdb.sql(code).fetchall())


def sqlite(code):
    with contextlib.closing(sqlite3.connect("letters.sqlite")) as database:
        return rows(database.execute(code))


def r(code):
    if not shutil.which("Rscript") or subprocess.run(["Rscript", "-e", "library(DBI); library(RSQLite)"], capture_output=True).returncode:
        print("SKIPPED the recipe in R: R with DBI and RSQLite is not installed")
        return None
    Path("recipe.R").write_text(code)
    return subprocess.run(["Rscript", "recipe.R"], check=True, capture_output=True, text=True).stdout


RUN = {"sh": shell, "python": python, "sql duckdb": duck, "sql sqlite": sqlite, "r": r}


def recipes():
    """Runs the blocks; the page as it should be."""
    text, ran = page.read_text(), {}
    block = re.compile(r"^```(?P<kind>[a-z ]+)\n(?P<code>.*?)^```\n(?:\n```text\n(?P<shown>.*?)^```\n)?", re.S | re.M)

    def run(match):
        kind, code, shown = match["kind"], match["code"], match["shown"]
        printed = RUN[kind](code)
        ran[kind] = ran.get(kind, 0) + 1
        return match[0] if shown is None or printed is None else f"```{kind}\n{code}```\n\n```text\n{printed}```\n"

    real = block.sub(run, text)
    print("recipes run:", ", ".join(f"{count} {kind}" for kind, count in ran.items()))
    return text, real


def same_values():
    """Every cell of the Parquet file is that of the JSON line, with its type."""
    import datetime, duckdb, pyarrow.parquet

    lines = [json.loads(line) for line in open("items.jsonl")]
    table = pyarrow.parquet.read_table("items.parquet")
    assert table.column_names == list(lines[0]), "the same columns in the same order"
    by_duckdb = duckdb.sql("SELECT * FROM 'items.parquet'").fetchall()
    assert table.num_rows == len(by_duckdb) == len(lines)
    for row, duck_row, line in zip(table.to_pylist(), by_duckdb, lines):
        for (name, value), of_duck in zip(row.items(), duck_row):
            assert value == of_duck, (name, value, of_duck)
            value = value.isoformat() if isinstance(value, datetime.date) else value
            assert value == line[name] and type(value) is type(line[name]), (name, value, line[name])
    about = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    assert about["question"] == "All letters of the index." and about["date"] == "2026-01-15", about
    kinds = {str(field.type) for field in table.schema}
    assert {"string", "int64", "date32[day]", "bool"} <= kinds and any(kind.startswith("list<") for kind in kinds), kinds
    # By letter, what is an item's is a list.
    shell("imr export --by letter --columns all -o by-letter.parquet; imr export --by letter --columns all -o by-letter.jsonl")
    letters = [json.loads(line) for line in open("by-letter.jsonl")]
    read = pyarrow.parquet.read_table("by-letter.parquet").to_pylist()
    for row, line in zip(read, letters, strict=True):
        for name, value in row.items():
            value = value.isoformat() if isinstance(value, datetime.date) else value
            assert value == (line[name] if line[name] is not None or not isinstance(value, list) else []), (name, value, line[name])
    print(f"Parquet says what JSON Lines say: {len(lines)} items, {len(letters)} letters, {len(table.column_names)} columns")


def datasette():
    """Datasette opens the database with the facets, the meanings and the search of the metadata."""
    try:
        import datasette  # noqa: F401
    except ImportError:
        print("SKIPPED Datasette: it is not installed")
        return

    def get(path):
        command = [sys.executable, "-m", "datasette", "letters.sqlite", "--metadata", "metadata.json", "--get", path]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    items = json.loads(get("/letters/items.json?_shape=objects&_size=0&_extra=facet_results"))
    facets = items["facet_results"]
    facets = facets.get("results", facets)
    assert {"decision", "treatment", "drugs"} <= set(facets), facets.keys()
    assert facets["drugs"]["type"] == "array"
    decided = {row["value"]: row["count"] for row in facets["decision"]["results"]}
    lines = [json.loads(line)["decision"] for line in open("items.jsonl")]
    assert decided == {value: lines.count(value) for value in decided} and len(decided) == 2, decided
    page = get("/letters/items?_search=taper")
    assert "One row for each matching disputed item" in page and "what the item asks for, as printed" in page
    with contextlib.closing(sqlite3.connect("letters.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM items_fts WHERE items_fts MATCH 'taper'").fetchone()
    assert f"{count} rows" in page, "Datasette finds the full-text index"
    print("Datasette opens it: facets", ", ".join(facets))


with tempfile.TemporaryDirectory() as folder:
    shutil.copytree(root / "sample-corpus", Path(folder) / "sample-corpus")
    os.chdir(folder)
    text, real = recipes()
    same_values()
    datasette()
    os.chdir(root)
if bless:
    page.write_text(real)
elif text != real:
    import difflib

    sys.exit("docs/recipes.md does not show what is printed (--bless mends it):\n" + "".join(difflib.unified_diff(text.splitlines(True), real.splitlines(True), "the page", "what is printed")))
