#!/bin/sh
# Installs imr @VERSION@ for this user: into ~/.local/bin, or where IMR_INSTALL says.
#   curl -fsSL .../install.sh | sh
# It downloads one archive, checks its digest, and unpacks it. IMR_DOWNLOAD is where the release is.
set -eu
version=@VERSION@
from=${IMR_DOWNLOAD:?set IMR_DOWNLOAD to the address of the release that this script is from}
to=${IMR_INSTALL:-$HOME/.local}
case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) target=x86_64-unknown-linux-musl ;;
  Linux-aarch64 | Linux-arm64) target=aarch64-unknown-linux-musl ;;
  Darwin-arm64) target=aarch64-apple-darwin ;;
  Darwin-x86_64) target=x86_64-apple-darwin ;;
  *) echo "install.sh: there is no package for $(uname -s) on $(uname -m); build imr from source" >&2; exit 1 ;;
esac
target=${IMR_TARGET:-$target}
name=imr-$version-$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
get() { # an address or a folder
  case $from in
    http*) curl -fsSL --proto '=https' -o "$work/$1" "$from/$1" ;;
    *) cp "$from/$1" "$work/$1" ;;
  esac
}
get "$name.tar.gz"
get SHA256SUMS
cd "$work"
grep " $name.tar.gz\$" SHA256SUMS >expected || { echo "install.sh: SHA256SUMS does not list $name.tar.gz" >&2; exit 1; }
if command -v sha256sum >/dev/null; then sha256sum -c expected >/dev/null; else shasum -a 256 -c expected >/dev/null; fi
tar xzf "$name.tar.gz"
mkdir -p "$to/bin" "$to/share/man/man1" "$to/share/bash-completion/completions"
install -m 755 "$name/imr" "$to/bin/imr"
install -m 644 "$name"/man/*.1 "$to/share/man/man1"
install -m 644 "$name/completions/imr.bash" "$to/share/bash-completion/completions/imr"
echo "imr $version is in $to/bin"
case ":$PATH:" in *":$to/bin:"*) ;; *) echo "Add $to/bin to your PATH." ;; esac
