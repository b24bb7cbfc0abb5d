#!/usr/bin/env bash
# Builds and passes all tests: the release build with everything, then unit and contract tests under address and
# undefined-behaviour sanitizers. Ends with ctest's summary. `./test.sh --quick` leaves the sanitizers out.
set -euo pipefail
cd "$(dirname "$0")"

./run.sh --packages-only

run_preset() {
  local preset=$1 targets=$2
  shift 2
  cmake --preset "$preset" >/dev/null
  # shellcheck disable=SC2086
  cmake --build --preset "$preset" $targets
  ctest --preset "$preset" -j2 "$@"
}

if [ "${1:-}" != "--quick" ]; then
  run_preset asan-ubsan "--target huiliu-unit-tests" -L unit
fi
run_preset release ""
