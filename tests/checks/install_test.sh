#!/usr/bin/env bash
# Installs the build, builds the example against what was installed, and runs it.
# Use: install_test.sh SOURCE_DIR BUILD_DIR
set -euo pipefail
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/usr" >"$work/install.log"
cmake -S "$source/docs/examples" -B "$work/build" -G Ninja \
  -DCMAKE_PREFIX_PATH="$work/usr" -DCMAKE_CXX_COMPILER_LAUNCHER="$(command -v ccache || true)" \
  >"$work/configure.log" || { cat "$work/configure.log"; exit 1; }
cmake --build "$work/build" >"$work/build.log" || { cat "$work/build.log"; exit 1; }
# The installed program finds its data beside itself, from any directory.
cd "$work"
"$work/usr/bin/persona" version
"$work/usr/bin/persona" config explain >explain.log
grep -q "$work/usr/share/persona-runtime" explain.log
PERSONA_SHARE="$work/usr/share/persona-runtime" "$work/build/embed" "Find a berth." | tee embed.log
grep -q '^[0-9]* finished$' embed.log
