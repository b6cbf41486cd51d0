#!/usr/bin/env python3
"""A bill of materials of the release: .ci/sbom.py > imr.cdx.json   (CycloneDX 1.5, from `cargo metadata`)

Lists every crate that the program is built of, with version, license, checksum of Cargo.lock and package URL, and what
depends on what. Crates that only tests and builds use are left out. The same sources give the same file.

    .ci/sbom.py --yanked    names crates of Cargo.lock that their authors have withdrawn; needs the registry's index
"""
import json, os, subprocess, sys, tomllib, urllib.error, urllib.request

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def built(metadata):
    """The ids of the packages that the program itself is built of."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    seen, waiting = set(), [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in seen:
            continue
        seen.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return seen, nodes


def bill():
    command = ["cargo", "metadata", "--format-version", "1", "--locked"]
    metadata = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    lock = tomllib.load(open("Cargo.lock", "rb"))
    checksums = {(p["name"], p["version"]): p.get("checksum") for p in lock["package"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    ids, nodes = built(metadata)
    root = metadata["resolve"]["root"]

    def url(package):
        return f"pkg:cargo/{package['name']}@{package['version']}"

    def component(package, kind):
        entry = {"type": kind, "bom-ref": url(package), "name": package["name"], "version": package["version"],
                 "purl": url(package)}
        if package.get("license"):
            # Old packages write "MIT/Apache-2.0".
            entry["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
        if package.get("repository"):
            entry["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
        checksum = checksums.get((package["name"], package["version"]))
        if checksum:
            entry["hashes"] = [{"alg": "SHA-256", "content": checksum}]
        return entry

    order = sorted((packages[i] for i in ids if i != root), key=lambda p: (p["name"], p["version"]))
    dependencies = [{"ref": url(packages[i]),
                     "dependsOn": sorted(url(packages[d["pkg"]]) for d in nodes[i]["deps"] if d["pkg"] in ids)}
                    for i in ids]
    return {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
            "metadata": {"component": component(packages[root], "application")},
            "components": [component(package, "library") for package in order],
            "dependencies": sorted(dependencies, key=lambda d: d["ref"])}


def path(name):
    """Where the index of crates.io has a crate."""
    name = name.lower()
    short = {1: "1", 2: "2", 3: f"3/{name[0]}"}
    return f"{short.get(len(name), f'{name[:2]}/{name[2:4]}')}/{name}"


def yanked():
    lock = tomllib.load(open("Cargo.lock", "rb"))
    withdrawn, unknown = [], 0
    for package in lock["package"]:
        if not package.get("source", "").startswith("registry+"):
            continue
        try:
            with urllib.request.urlopen(f"https://index.crates.io/{path(package['name'])}", timeout=20) as answer:
                rows = [json.loads(line) for line in answer.read().decode().splitlines()]
        except (urllib.error.URLError, OSError, ValueError):
            unknown += 1
            if unknown > 3:
                print("SKIPPED: the registry's index cannot be reached", file=sys.stderr)
                return 0
            continue
        if any(row["vers"] == package["version"] and row["yanked"] for row in rows):
            withdrawn.append(f"{package['name']} {package['version']}")
    for crate in withdrawn:
        print(f"withdrawn by its authors: {crate}")
    print(f"{len(lock['package'])} crates, {len(withdrawn)} withdrawn")
    return 1 if withdrawn else 0


if __name__ == "__main__":
    if "--yanked" in sys.argv:
        sys.exit(yanked())
    json.dump(bill(), sys.stdout, indent=1)
    print()
