#!/usr/bin/env python3
"""Checks the files of deploy/ as far as that is possible without a container engine: parsers of their own where
they are installed, and what one file says of another."""

import re
import subprocess
import shutil
import sys
import tempfile
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


def main():
    problems = []
    try:
        import yaml
    except ImportError:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pyyaml"], check=False)
        try:
            import yaml
        except ImportError:
            yaml = None
    if yaml is None:
        print("SKIPPED compose.yml: no parser of YAML can be had here")
    else:
        compose = yaml.safe_load((DEPLOY / "compose.yml").read_text())
        services, volumes = compose["services"], compose["volumes"]
        nodes = [name for name in services if name.startswith("node")]
        settings = services["node1"]["environment"]
        if settings["discovery.seed_hosts"].split(",") != nodes or len(nodes) != 3:
            problems.append("compose.yml: the nodes do not seek one another")
        for name in nodes:
            node = services[name]
            if node["environment"]["node.name"] != name or node["volumes"][0].split(":")[0] != name or name not in volumes:
                problems.append(f"compose.yml: {name} has another's name or volume")
            if "ports" in node or node["networks"] != ["nodes"]:
                problems.append(f"compose.yml: {name} can be reached from outside")
        if not compose["networks"]["nodes"]["internal"]:
            problems.append("compose.yml: the nodes' network is not internal")
        for mount in services["proxy"]["volumes"]:
            source = DEPLOY / mount.split(":")[0]
            if source.suffix == ".conf" and not source.exists():
                problems.append(f"compose.yml: {source.name} is missing")
    for name in ("nginx.conf", "nginx-nodes.conf"):
        text = (DEPLOY / name).read_text()
        bare = re.sub(r"#.*", "", text)
        if bare.count("{") != bare.count("}") or "auth_basic_user_file" not in bare:
            problems.append(f"{name}: braces or passwords are missing")
        if shutil.which("nginx"):
            problems.extend(by_nginx(name, text))
    for problem in problems:
        print(problem)
    print(f"deploy: {'sound' if not problems else 'faults'}" + ("" if shutil.which("nginx") else " (nginx is not installed: its files were only read)"))
    return 1 if problems else 0


def by_nginx(name, text):
    """nginx's own check, with a certificate that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem",
             "-subj", "/CN=localhost", "-days", "1"], capture_output=True)
        if made.returncode:
            return []
        text = re.sub(r"/etc/nginx/tls/", f"{folder}/", text)
        text = re.sub(r"/var/log/nginx/", f"{folder}/", text)
        text = re.sub(r"server node\d:9200", "server 127.0.0.1:9200", text)
        whole = f"pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {text} \n}}"
        Path(folder, "nginx.conf").write_text(whole)
        checked = subprocess.run(["nginx", "-t", "-q", "-c", f"{folder}/nginx.conf"], capture_output=True, text=True)
        return [f"{name}: {checked.stderr.strip()}"] if checked.returncode else []


if __name__ == "__main__":
    sys.exit(main())
