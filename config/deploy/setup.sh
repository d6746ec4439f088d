#!/usr/bin/env bash
# Make this clone ready: Debian packages, .venv from the hash-locked requirements, build/assets.
#
#   setup.sh         all that running and testing need
#   setup.sh cards   what a terminal with PC/SC readers needs: pyscard is built from its source
#   setup.sh run     what a terminal without them needs: no compiler
#   PYTHON=python3.13 setup.sh
#
# Writes nothing outside the clone but Debian's packages and pip's cache. Needs root only while a Debian
# package is missing, and then says so with the one line to run. A second call takes a moment.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

role=${1:-test}
case $role in run | cards | test) ;; *) echo "setup: no role $role; there are run, cards and test" >&2; exit 2 ;; esac
packages=config/deploy/debian-packages.txt
inputs=(setup.cfg pyproject.toml requirements/all.txt requirements/carried.txt requirements/photographs.txt
        requirements/pinyin.txt config/deploy/setup.sh config/deploy/assets.py config/deploy/pinyin_table.py)
card_inputs=(requirements/build.in requirements/cards.txt)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

say() { echo "setup: $*"; }
fail() { echo "setup: $*" >&2; exit 1; }

# A Python that is 3.11 to 3.13 and can make environments (Debian puts that into python3-venv).
usable() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    usable "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 to 3.13 with venv and ensurepip"
    echo "$PYTHON"
    return
  fi
  for candidate in python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if usable "$candidate"; then echo "$candidate"; return; fi
  done
}

version() { "$1" -c 'import sys; print(*sys.version_info[:2], sep=".")' 2>/dev/null || true; }

missing_packages() {
  local wanted installed
  wanted=$(awk -v role="$role" '
    BEGIN { rank["run"] = 1; rank["cards"] = 2; rank["test"] = 3 }
    !/^#/ && NF { split($2, roles, ","); if (rank[roles[1]] && rank[roles[1]] <= rank[role]) print $1 }' "$packages")
  # shellcheck disable=SC2086  # a list of words
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
              awk '$1 == "installed" { print $2 }') || true
  comm -23 <(sort -u <<<"$wanted") <(sort -u <<<"$installed")
}

install_packages() {
  local install="apt-get install --no-install-recommends -y $*" as_root=()
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      fail "Debian packages are missing. Run this line once, then the same command again:
  su -c 'apt-get update && $install'"
    elif ! sudo -n true 2>/dev/null; then
      fail "Debian packages are missing. Run this line once, then the same command again:
  sudo apt-get update && sudo $install"
    fi
    as_root=(sudo -n)
  fi
  say "installing Debian packages: $*"
  mkdir -p build
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  "${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 -qq update >build/apt.log 2>&1 ||
    say "apt-get update failed; trying with the lists at hand"
  # shellcheck disable=SC2086  # a list of words
  "${as_root[@]}" ${install/apt-get/apt-get -o DPkg::Lock::Timeout=300 -qq} >>build/apt.log 2>&1 ||
    { tail -n 15 build/apt.log >&2; fail "apt-get could not install them (whole log: build/apt.log)"; }
}

digest() { { pwd; cat "$@"; } | sha256sum | cut -d' ' -f1; }

ready() {
  [ -x .venv/bin/python ] && [ "$(cat .venv/.ready 2>/dev/null)" = "$(digest "${inputs[@]}")" ] || return 1
  [ -z "${PYTHON:-}" ] || [ "$(version "$PYTHON")" = "$(version .venv/bin/python)" ] || return 1
  [ "$role" = run ] || [ "$(cat .venv/.cards 2>/dev/null)" = "$(digest "${card_inputs[@]}")" ] || return 1
  [ "$role" != test ] || bash config/deploy/peers.sh --ready
}

make_environment() {
  local python=$1
  # An environment knows its path: one that was moved, or is of another Python, is made anew.
  if [ "$(cat .venv/.made 2>/dev/null)" != "$PWD" ] || [ -z "$(version .venv/bin/python)" ] ||
     { [ -n "${PYTHON:-}" ] && [ "$(version "$PYTHON")" != "$(version .venv/bin/python)" ]; }; then
    say "making .venv with Python $(version "$python")"
    "$python" -m venv --clear .venv || fail "$python could not make .venv"
    pwd >.venv/.made
  fi
  say "installing the locked packages (a minute or two the first time)"
  .venv/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: \
    -r requirements/all.txt -r requirements/carried.txt || fail "pip could not install the locked packages"
  .venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable . ||
    fail "pip could not install the project itself"
  if [ "$role" != run ]; then install_cards; fi
  say "fetching fonts and photographs"
  .venv/bin/python config/deploy/assets.py || fail "the assets are not complete"
  .venv/bin/python config/deploy/pinyin_table.py || fail "the assets are not complete"
  if [ "$role" = test ]; then bash config/deploy/peers.sh; fi
}

# Built without isolation, so that no build tool comes unlocked: setuptools is in every lock, swig is Debian's.
install_cards() {
  local headers
  headers=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("include"))')
  [ -f "$headers/Python.h" ] || fail "pyscard needs $headers/Python.h: install this Python's headers (Debian \
calls them python$(version .venv/bin/python)-dev), or name another Python with PYTHON="
  say "building pyscard"
  .venv/bin/python -m pip install --quiet --require-hashes --no-deps --no-build-isolation --no-binary pyscard \
    -r requirements/cards.txt || fail "pip could not build pyscard"
  digest "${card_inputs[@]}" >.venv/.cards
}

python=
if ! ready; then python=$(find_python); fi

if command -v dpkg-query >/dev/null; then
  mapfile -t missing < <(missing_packages)
  if [ -z "$python" ] && ! ready; then missing+=(python3 python3-venv); fi
  if [ ${#missing[@]} -gt 0 ]; then install_packages "${missing[@]}"; fi
else
  say "not a Debian system: please have these yourself: $packages"
fi

if ready; then exit 0; fi
mkdir -p build
exec 9>build/.setup-lock
flock 9 # two makes at once: the second waits, then finds everything done
if ready; then exit 0; fi
python=${python:-$(find_python)}
[ -n "$python" ] || fail "no Python 3.11 to 3.13 with venv and ensurepip was found; name one with PYTHON="
make_environment "$python"
digest "${inputs[@]}" >.venv/.ready
say "ready"
