#!/usr/bin/env python3
"""Letters that were saved again by other programs must read as before.

    tests/resave/run.py IMR [FOLDER] [--letters N] [--only WORD] [--verbose]

Saves N PDFs of FOLDER (default: ten of sample-corpus/) again in every way that the installed programs
allow (qpdf, Ghostscript, MuPDF, Poppler with Cairo, pypdf, pikepdf, PDFium, LibreOffice, Chromium),
reads both with `imr extract`, and compares every field. A program that is not installed is named and
skipped. Exit code 1 if a field differs in a way that is not known (KNOWN).
"""
import argparse, collections, html, importlib.util, json, os, shutil, subprocess, sys, tempfile

# Ways that still change a field; they are printed, and do not fail the run.
KNOWN = {
    "mutool convert",  # loses signs (the degree sign), which are then in nobody's text of the file
}

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)


def has(program):
    return shutil.which(program) is not None


def is_readable(target):
    """Whether another program finds text in a file: some ways of saving break encrypted ones (mutool 1.21 clean -gg)."""
    if not has("pdftotext"):
        return True
    return len(subprocess.run(["pdftotext", target, "-"], capture_output=True).stdout.split()) > 8


def module(name):
    return importlib.util.find_spec(name) is not None


def pypdf_way(change):
    def save(source, target):
        import pypdf
        reader = pypdf.PdfReader(source)
        if reader.is_encrypted:
            reader.decrypt("")
        writer = pypdf.PdfWriter()
        for page in reader.pages:
            writer.add_page(page)
        change(writer)
        writer.write(target)
    return save


def compress(writer):
    for page in writer.pages:
        page.compress_content_streams()


def pikepdf_way(**options):
    def save(source, target):
        import pikepdf
        with pikepdf.open(source) as pdf:
            pdf.save(target, **options)
    return save


def mupdf_way(**options):
    def save(source, target):
        import pymupdf
        document = pymupdf.open(source)
        document.save(target, encryption=pymupdf.PDF_ENCRYPT_NONE, **options)
    return save


def pages_of_mupdf(source, target):
    import pymupdf
    out = pymupdf.open()
    out.insert_pdf(pymupdf.open(source))
    out.save(target)


def pdfium(source, target):
    import pypdfium2
    pypdfium2.PdfDocument(source).save(target)


def pdfium_pages(source, target):
    import pypdfium2
    out = pypdfium2.PdfDocument.new()
    out.import_pages(pypdfium2.PdfDocument(source))
    out.save(target)


def by_way_of_postscript(source, target):
    run("pdftops", source, target + ".ps")
    run("ps2pdf", target + ".ps", target)


def libreoffice(source, target):
    folder = os.path.dirname(target)
    run("soffice", "--headless", "--convert-to", "pdf:draw_pdf_Export", "--outdir", folder, source)
    os.replace(os.path.join(folder, os.path.basename(source)), target)


def chromium(source, target):
    """A browser prints a page that has the letter's text."""
    text = subprocess.run(["pdftotext", "-layout", source, "-"], check=True, capture_output=True).stdout.decode()
    pages = "".join(f"<pre>{html.escape(page)}</pre>" for page in text.split("\f"))
    with open(target + ".html", "w", encoding="utf-8") as out:
        out.write("<!doctype html><meta charset=utf-8><style>pre{font:9px monospace;break-after:page}</style>" + pages)
    run("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer",
        f"--user-data-dir={target}.profile", f"--print-to-pdf={target}", "file://" + target + ".html")


def ways():
    """Name, whether the program is here, and how it saves a file again."""
    def command(program, *args):
        return has(program), lambda source, target: run(program, *[{"IN": source, "OUT": target}.get(a, a) for a in args])
    qpdf = {
        "qpdf": [], "qpdf --linearize": ["--linearize"], "qpdf --qdf": ["--qdf"],
        "qpdf --object-streams=generate": ["--object-streams=generate"],
        "qpdf --object-streams=disable": ["--object-streams=disable"],
        "qpdf --decrypt": ["--decrypt"], "qpdf --coalesce-contents": ["--coalesce-contents"],
        "qpdf --stream-data=uncompress": ["--stream-data=uncompress"],
        "qpdf --encrypt (no password)": ["--encrypt", "", "owner", "256", "--"],
    }
    for name, args in qpdf.items():
        yield name, *command("qpdf", *args, "IN", "OUT")
    mutool = {
        "mutool clean": [], "mutool clean -g": ["-g"], "mutool clean -ggg": ["-ggg"], "mutool clean -gggg": ["-gggg"],
        "mutool clean -d": ["-d"], "mutool clean -z": ["-z"], "mutool clean -s": ["-s"],
        "mutool clean -D": ["-D"], "mutool clean -gdas": ["-gdas"],
    }
    for name, args in mutool.items():
        yield name, *command("mutool", "clean", *args, "IN", "OUT")
    yield "mutool convert", *command("mutool", "convert", "-F", "pdf", "-o", "OUT", "IN")
    yield "mutool merge", *command("mutool", "merge", "-o", "OUT", "IN")
    yield "pdftocairo", *command("pdftocairo", "-pdf", "IN", "OUT")
    yield "pdfunite", *command("pdfunite", "IN", "OUT")
    for level in ("/screen", "/ebook", "/printer", "/prepress"):
        def ghostscript(source, target, level=level):
            run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-dPDFSETTINGS={level}",
                f"-sOutputFile={target}", source)
        yield f"gs {level}", has("gs"), ghostscript
    yield "pdftops, ps2pdf", has("pdftops") and has("ps2pdf"), by_way_of_postscript
    yield "pypdf", module("pypdf"), pypdf_way(lambda writer: None)
    yield "pypdf, compressed", module("pypdf"), pypdf_way(compress)
    yield "pypdf, duplicates merged", module("pypdf"), pypdf_way(lambda writer: writer.compress_identical_objects())
    yield "pikepdf", module("pikepdf"), pikepdf_way()
    yield "pikepdf, linearized", module("pikepdf"), pikepdf_way(linearize=True)
    mupdf = module("pymupdf")
    yield "PyMuPDF", mupdf, mupdf_way()
    yield "PyMuPDF, expanded", mupdf, mupdf_way(expand=255)
    yield "PyMuPDF, garbage=4, deflate", mupdf, mupdf_way(garbage=4, deflate=True)
    yield "PyMuPDF, clean", mupdf, mupdf_way(clean=True)
    yield "PyMuPDF, ASCII", mupdf, mupdf_way(ascii=True)
    yield "PyMuPDF, pretty", mupdf, mupdf_way(pretty=True)
    yield "PyMuPDF, object streams", mupdf, mupdf_way(use_objstms=1)
    yield "PyMuPDF, pages into a new file", mupdf, pages_of_mupdf
    yield "PDFium", module("pypdfium2"), pdfium
    yield "PDFium, pages into a new file", module("pypdfium2"), pdfium_pages
    yield "LibreOffice", has("soffice"), libreoffice
    yield "Chromium, printed text", has("chromium") and has("pdftotext"), chromium


def records(imr, files):
    out = subprocess.run([imr, "extract", *files], capture_output=True, text=True).stdout
    found = collections.defaultdict(list)
    for line in out.splitlines():
        record = json.loads(line)
        name = os.path.basename(record.pop("file")).split("!")[0]
        found[name].append(record)
    return found


# Texts may be broken into lines elsewhere; what is read out of them may not differ.
TEXTS = {"case_summary", "rationale", "documents_reviewed", "detail"}


def fields(value, path=""):
    """Every field of a record with its value."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from fields(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(inner, dict) for inner in value):
        yield path + ".count", len(value)
        for n, inner in enumerate(value):
            yield from fields(inner, f"{path}[{n + 1}]")
    elif isinstance(value, str) and path.rsplit(".", 1)[-1] in TEXTS:
        yield path, "".join(value.split())
    else:
        yield path, value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("imr")
    parser.add_argument("folder", nargs="?", default=os.path.join(HERE, "..", "..", "sample-corpus"))
    parser.add_argument("--letters", type=int, default=10)
    parser.add_argument("--only", help="only ways with this word in their name")
    parser.add_argument("--verbose", action="store_true", help="every difference")
    args = parser.parse_args()
    pdfs = sorted(os.path.join(folder, name) for folder, _, names in os.walk(args.folder) for name in names
                  if name.lower().endswith(".pdf"))
    step = max(1, len(pdfs) // args.letters)
    pdfs = pdfs[::step][:args.letters]
    before = {name: dict(fields(found)) for name, found in records(args.imr, pdfs).items()}
    pdfs = [pdf for pdf in pdfs if os.path.basename(pdf) in before]
    tried, wrong, unknown, skipped = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as work:
        for name, is_here, save in ways():
            if args.only and args.only not in name:
                continue
            if not is_here:
                skipped.append(name)
                continue
            tried += 1
            folder = os.path.join(work, str(tried))
            os.makedirs(folder)
            saved, failures = [], 0
            for pdf in pdfs:
                target = os.path.join(folder, os.path.basename(pdf))
                try:
                    save(pdf, target)
                    if not is_readable(target):
                        raise ValueError("no program reads what was saved")
                    saved.append(target)
                except Exception as error:
                    failures += 1
                    if args.verbose:
                        print(f"    {os.path.basename(pdf)}: {name} failed: {error}")
            after = {n: dict(fields(found)) for n, found in records(args.imr, saved).items()} if saved else {}
            differences = []
            for target in saved:
                letter = os.path.basename(target)
                a, b = before[letter], after.get(letter, {})
                differences += [(letter, key, a.get(key), b.get(key)) for key in {**a, **b} if a.get(key) != b.get(key)]
            letters = len({letter for letter, *_ in differences})
            wrong += bool(differences)
            unknown += bool(differences) and name not in KNOWN
            failed = f", {failures} could not be saved" if failures else ""
            print(f"{name:34} {len(saved) - letters} of {len(saved)} letters equal{failed}", flush=True)
            for letter, key, a, b in differences[: None if args.verbose else 4]:
                print(f"    {letter} {key}: {str(a)[:90]!r}, now {str(b)[:90]!r}")
    if skipped:
        print(f"not installed, skipped: {', '.join(skipped)}")
    print(f"{tried} ways over {len(pdfs)} letters, {tried - wrong} leave every field equal")
    sys.exit(1 if unknown else 0)


main()
