#!/usr/bin/env bash
# Installs what is missing, builds, and starts the demo. Arguments go to `huiliu demo`:
#   ./run.sh                 demo: twins, hub, first two-way sync, then serving until Ctrl-C
#   ./run.sh --once          the same, ends when every system agrees (exit 0) or not (1)
#   ./run.sh --build-only    builds all that a release has, benches too, and exits; the tests are built by ./test.sh
set -euo pipefail
cd "$(dirname "$0")"

missing_packages() {
  sed -e 's/#.*//' -e '/^[[:space:]]*$/d' packages.txt | while read -r package; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s ' "$package"
  done
}

install_missing() {
  local missing
  missing=$(missing_packages)
  [ -n "$missing" ] || return 0
  local sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo="sudo"
    else
      printf 'These Debian packages are missing, and this user may not install them:\n  apt-get install %s\n' "$missing" >&2
      exit 1
    fi
  fi
  printf 'Installing: %s\n' "$missing" >&2
  $sudo apt-get update -q >&2
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $missing >&2
}

build() {
  local preset=$1 log
  shift
  log=$(mktemp)
  if ! { cmake --preset "$preset" && cmake --build --preset "$preset" "$@"; } >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

install_missing
if [ "${1:-}" = "--packages-only" ]; then exit 0; fi
printf 'Building (the first time takes a few minutes) …\n' >&2
if [ "${1:-}" = "--build-only" ]; then
  build release --target huiliu-release
  exit 0
fi
build release --target huiliu huiliu-twin huiliu-plugins
exec build/release/bin/huiliu demo "$@"
