#!/usr/bin/env bash
# Builds and passes all tests: unit and contract tests under address and undefined-behaviour sanitizers, then everything
# in the release build. Ends with ctest's summary. `./test.sh --quick` leaves the sanitizers out.
set -euo pipefail
cd "$(dirname "$0")"

case "${1:-}" in
  "" | --quick) ;;
  *) printf 'usage: ./test.sh [--quick]\n' >&2; exit 2 ;;
esac

./run.sh --packages-only

# The public JSONata suite is data that is not part of this repository: HUILIU_CONFORMANCE names its directory.
if [ -z "${HUILIU_CONFORMANCE:-}" ]; then
  if [ -d ../shared/conformance ]; then
    HUILIU_CONFORMANCE=$(cd ../shared/conformance && pwd)
  else
    HUILIU_CONFORMANCE=off
    printf 'NOTE: the public JSONata suite is not here; set HUILIU_CONFORMANCE to its directory to run it.\n' >&2
  fi
  export HUILIU_CONFORMANCE
fi

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  printf 'Building %s …\n' "$preset" >&2
  cmake --preset "$preset" >/dev/null
  cmake --build --preset "$preset" ${1:+--target "$@"}
}

if [ "${1:-}" != "--quick" ]; then
  build asan-ubsan huiliu-unit-tests
  ctest --preset asan-ubsan -j4 -L unit
fi
build release
# Two more than there are processors in continuous integration: much of it waits for processes and time-outs.
ctest --preset release -j4
