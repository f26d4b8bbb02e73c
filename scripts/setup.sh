#!/usr/bin/env bash
# Makes a Debian or Ubuntu machine ready to build and test Talon. Installs with apt what is missing when it may
# (root, or sudo without a password); otherwise names it with the command to run. Quick when nothing is missing.
#
#   scripts/setup.sh              everything (make setup, make test)
#   scripts/setup.sh --to-run     only what building and starting the server needs (make run)
set -euo pipefail

rust_wanted=1.95.0
node_wanted=20.19.0
scope=${1:-all}
packages=() # apt packages to install
words=()    # what only a person can settle

have() { command -v "$1" >/dev/null 2>&1; }
at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$1" ]; } # at_least WANTED FOUND
wants() { have "$1" || packages+=("$2"); }

wants cc build-essential
wants make make
wants git git
if [ "$scope" != --to-run ]; then
  wants jq jq
  wants sqlite3 sqlite3
  wants psql postgresql-client
  have setpriv || packages+=(util-linux)
  [ -x "$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1)" ] || have postgres || packages+=(postgresql)
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || packages+=(rabbitmq-server)
  /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || packages+=(python3-aiosmtpd)
  have openssl || packages+=(openssl)
  have chromium || have chromium-browser || have google-chrome || packages+=(chromium)
  [ -f /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || packages+=(fonts-dejavu-core)
fi

node_found=$(node --version 2>/dev/null | tr -d v || true)
if [ -z "$node_found" ] || ! at_least "$node_wanted" "$node_found"; then
  node_offered=$(apt-cache policy nodejs 2>/dev/null | awk '/Candidate:/ { sub(/~.*|\+.*|-.*/, "", $2); print $2 }' || true)
  if [ -n "$node_offered" ] && at_least "$node_wanted" "$node_offered"; then
    packages+=(nodejs)
    have npm || packages+=(npm)
  else
    text="Node.js $node_wanted or newer with npm (found: ${node_found:-none}; apt offers: ${node_offered:-none}). Install it from https://nodejs.org/en/download"
    if [ "$scope" = --to-run ]; then
      echo "setup: without a panel, for want of $text" >&2
    else
      words+=("$text")
    fi
  fi
elif ! have npm; then
  packages+=(npm)
fi

as_root=()
if [ ${#packages[@]} -gt 0 ]; then
  if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then as_root=(sudo -n); else as_root=(false); fi
  fi
  if have apt-get && [ "${as_root[0]:-}" != false ]; then
    echo "setup: installing ${packages[*]}"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${packages[@]}"
    # The tests start a broker of their own; the one that the package starts as a service is not wanted.
    case " ${packages[*]} " in
      *" rabbitmq-server "*) if have systemctl; then "${as_root[@]}" systemctl disable --now rabbitmq-server >/dev/null 2>&1 || true; fi ;;
    esac
  else
    words+=("packages: ${packages[*]}. Run: sudo apt-get install ${packages[*]}")
  fi
fi

rust_found=$(cargo --version 2>/dev/null | awk '{ print $2 }' || true)
if [ -z "$rust_found" ] || ! at_least "$rust_wanted" "$rust_found"; then
  if have rustup; then
    echo "setup: Rust ${rust_found:-none} is older than $rust_wanted, updating the stable toolchain"
    rustup toolchain install stable --profile minimal --component clippy,rustfmt
    rustup default stable
  else
    words+=("Rust $rust_wanted or newer (found: ${rust_found:-none}). Install it from https://rustup.rs: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh")
  fi
elif [ "$scope" != --to-run ]; then
  have cargo-clippy || rustup component add clippy || words+=("clippy. Run: rustup component add clippy")
  have rustfmt || rustup component add rustfmt || words+=("rustfmt. Run: rustup component add rustfmt")
fi

if [ "$scope" != --to-run ] && have cargo && ! have cargo-nextest; then
  echo "setup: building cargo-nextest, once"
  cargo install cargo-nextest --locked || echo "setup: cargo-nextest could not be installed; cargo test is used instead" >&2
fi

if [ ${#words[@]} -gt 0 ]; then
  echo "setup: still missing:" >&2
  printf '  - %s\n' "${words[@]}" >&2
  exit 1
fi
