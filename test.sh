#!/usr/bin/env bash
# Builds and passes all tests in the release build; ends with ctest's summary. `./test.sh --sanitizers` runs the unit and
# contract tests under address and undefined-behaviour sanitizers first.
set -euo pipefail
cd "$(dirname "$0")"

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

run_preset() {
  local preset=$1 targets=$2
  shift 2
  cmake --preset "$preset" >/dev/null
  # shellcheck disable=SC2086
  cmake --build --preset "$preset" $targets
  ctest --preset "$preset" -j2 "$@"
}

if [ "${1:-}" = "--sanitizers" ]; then
  run_preset asan-ubsan "--target huiliu-unit-tests" -L unit
fi
run_preset release ""
