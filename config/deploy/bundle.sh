#!/usr/bin/env bash
# bundle.sh: a folder that makes bare Debian 12 machines terminals or halls without any network: `make bundle`.
#
#   bundle.sh [OUT]      OUT: the folder to lay it in (default build/bundle); in it kiosk-VERSION appears, whole
#
# In it: install.sh with its parts, debs/ (all packages of both roles with all that they need, resolved for a
# system that has nothing), wheels/ (the locks', and pyscard, built here), source.tar.gz, VERSION, SHA256SUMS.
# What was fetched stays in build/bundle-cache; a second call fetches nothing that is unchanged. No root needed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD/config/deploy
out=$(realpath -m "${1:-build/bundle}")
cache=$PWD/build/bundle-cache
python=.venv/bin/python
export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
umask 022

say() { echo "bundle: $*"; }
fail() { echo "bundle: $*" >&2; exit 1; }
lay() { cp --link "$@" 2>/dev/null || cp "$@"; } # on a stick it becomes a copy
# shellcheck source=config/deploy/install/source.sh
. "$here/install/source.sh"

check_builder() {
  [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || fail "a bundle is made on Debian for amd64"
  [ "$("$python" -c 'import sys; print(*sys.version_info[:2])')" = "3 11" ] ||
    fail "the machines have Debian 12's Python 3.11 and this clone has another: PYTHON=/usr/bin/python3 make setup"
}

# apt with a state of its own, in which nothing is installed: so all that is needed comes down, not only what
# this machine happens to lack. Packages are those of Debian's own list, signed by Debian's keys.
bundle_apt() {
  local list=/etc/apt/sources.list.d/debian.sources
  [ -f "$list" ] || list=/etc/apt/sources.list
  apt-get -qq -y --no-install-recommends -o Dir::State="$cache/apt" -o Dir::State::status="$cache/apt/status" \
    -o Dir::Cache="$cache/apt" -o Dir::Etc::sourcelist="$list" -o Dir::Etc::sourceparts=- \
    -o APT::Architecture=amd64 -o Debug::NoLocking=1 -o APT::Sandbox::User=root -o APT::Update::Post-Invoke-Success= "$@"
}

debs() {
  local wanted deb
  mapfile -t wanted < <(awk '!/^#/ && NF && $2 ~ /(^|,)(terminal|readers|hall)(,|$)/ { print $1 }' "$here/debian-packages.txt")
  mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial" "$cache/apt/none/partial"
  : >"$cache/apt/status"
  if [ -z "$(find "$cache/apt/fresh" -mmin -720 2>/dev/null)" ]; then
    say "reading Debian's lists"
    bundle_apt update || fail "apt-get update did not work"
    touch "$cache/apt/fresh"
  fi
  say "fetching Debian packages"
  bundle_apt install --download-only "${wanted[@]}" || fail "apt-get could not fetch the packages"
  mkdir "$new/debs"
  # Against an empty folder it tells of all of them; what lies there from an older bundle stays out.
  bundle_apt install --print-uris -o Dir::Cache::archives="$cache/apt/none" "${wanted[@]}" | awk '{ print $2 }' | while read -r deb; do
    lay "$cache/apt/archives/$deb" "$new/debs/" # apt lays it there by this name once its digest is right
  done
  (
    cd "$new/debs"
    for deb in *.deb; do
      dpkg-deb -f "$deb"
      printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" "$(stat -c %s "$deb")" \
        "$(sha256sum "$deb" | cut -d' ' -f1)"
    done >Packages
  )
}

wheels() {
  local locks=(requirements/hall.txt requirements/terminal.txt requirements/carried.txt requirements/pinyin.txt
               requirements/cards.txt)
  local folder
  folder=$cache/wheels-$(cat "${locks[@]}" | sha256sum | cut -c1-12)
  if [ ! -e "$folder/.whole" ]; then
    say "fetching Python packages, building pyscard"
    rm -rf "$cache"/wheels-*
    mkdir -p "$folder"
    local pip=("$python" -m pip --quiet)
    local checked=(--no-deps --require-hashes --no-build-isolation)
    # The lock of the hall has all of the terminal's, and a test holds that.
    "${pip[@]}" download "${checked[@]}" --only-binary :all: -d "$folder" -r requirements/hall.txt -r requirements/carried.txt
    "${pip[@]}" download "${checked[@]}" -d "$folder" -r requirements/pinyin.txt
    "${pip[@]}" wheel "${checked[@]}" --no-binary pyscard -w "$folder" -r requirements/cards.txt
    touch "$folder/.whole"
  fi
  mkdir "$new/wheels"
  lay "$folder"/*.* "$new/wheels/"
}

code() {
  source_list . | tar -c --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-$(stat -c %Y setup.cfg)}" -T - |
    gzip -n >"$new/source.tar.gz"
  source_version . cards >"$new/VERSION"
  cp -r "$here/install.sh" "$here/install" "$here/debian-packages.txt" "$new/"
  # The list's last line is VERSION: so one that is cut short is seen.
  (cd "$new" && find . -type f ! -name SHA256SUMS ! -name VERSION -printf '%P\n' | LC_ALL=C sort |
    xargs -d '\n' sha256sum >SHA256SUMS && sha256sum VERSION >>SHA256SUMS)
}

check_builder
mkdir -p "$out" "$cache"
find "$out" -maxdepth 1 -name '.making-*' -mmin +1440 -exec rm -rf {} + # of runs that were killed
new=$(mktemp -d "$out/.making-XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"
debs
wheels
code
done=$out/kiosk-$(cat "$new/VERSION")
rm -rf "$done"
mv -T "$new" "$done"
say "$done"
megabytes() { du -sm "$1" | cut -f1; }
say "$(megabytes "$done") MB: $(megabytes "$done/debs") MB debs, $(megabytes "$done/wheels") MB wheels. Copy the folder onto a stick."
