#!/bin/sh
# Runs fresh seeded histories on the real actors and prints the figures; ends with 1 when a rule was broken.
#   tests/soak.sh --minutes N [--from SEED] [--threads N] [--most-failures N]
#   tests/soak.sh --seed N        one history again, cut down where it fails
set -eu
exec dotnet run -c Release --project "$(dirname "$0")/FjBellows.Simulation.Tests" -- "$@"
