#!/usr/bin/env python3
"""Checks every dependency against deny.toml, where cargo-deny is not installed: license, source, banned crates.

Reads `cargo metadata`. A license expression passes when it can be satisfied with allowed licenses only.
"""
import json, os, re, subprocess, sys, tomllib

os.chdir(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
rules = tomllib.load(open("deny.toml", "rb"))
allowed = set(rules["licenses"]["allow"])
banned = {b["name"] for b in rules["bans"]["deny"]}
registries = rules["sources"]["allow-registry"]


def satisfied(expression):
    """Whether an SPDX expression holds with the allowed licenses. An old "/" means OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))

    def alternatives(n):
        value, n = together(n)
        while n < len(tokens) and tokens[n] == "OR":
            other, n = together(n + 1)
            value = value or other
        return value, n

    def together(n):
        value, n = one(n)
        while n < len(tokens) and tokens[n] == "AND":
            other, n = one(n + 1)
            value = value and other
        return value, n

    def one(n):
        if tokens[n] == "(":
            value, n = alternatives(n + 1)
            return value, n + 1
        name, n = tokens[n], n + 1
        if n < len(tokens) and tokens[n] == "WITH":
            name, n = f"{name} WITH {tokens[n + 1]}", n + 2
        return name in allowed, n

    return alternatives(0)[0]


assert satisfied("MIT OR GPL-3.0") and satisfied("(Apache-2.0 OR MIT) AND BSD-3-Clause") and not satisfied("MIT AND GPL-3.0")
assert satisfied("Apache-2.0 WITH LLVM-exception") and satisfied("Unlicense/MIT") and not satisfied("GPL-2.0 WITH Classpath-exception-2.0")

metadata = json.loads(subprocess.run(["cargo", "metadata", "--format-version", "1", "--locked"], stdout=subprocess.PIPE, check=True).stdout)
faults = []
for package in metadata["packages"]:
    name = f"{package['name']} {package['version']}"
    if not satisfied(package["license"] or "none"):
        faults.append(f"{name}: license {package['license']}")
    if package["name"] in banned:
        faults.append(f"{name}: banned in deny.toml")
    source = package["source"]
    if source and not any(source == f"registry+{r}" for r in registries):
        faults.append(f"{name}: comes from {source}")
print("\n".join(faults) or f"{len(metadata['packages'])} packages: licenses, sources and bans as in deny.toml")
sys.exit(bool(faults))
