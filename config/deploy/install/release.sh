# install/release.sh: one release in /opt/kiosk/releases: code, environment, fonts. Sourced by install.sh.
#
# A release is one from the moment that it has the file .whole; a folder without it is the rest of a run that
# was cut off, and is made anew. It lies at its own place from the start, since an environment knows its path.

make_release() {
  release=$base/releases/$version
  if [ -f "$release/.whole" ]; then
    [ "$(cat "$release/.whole")" = "$role" ] || fail "release $version on this machine is a $(cat "$release/.whole")'s" \
      "one machine is a terminal or a hall's server, not both: take another for the $role"
    say "release $version: there already (skipped)"
    return
  fi
  say "release $version: making it (a minute or two)"
  rm -rf "$release"
  room_for 1000 "$base/releases" # it takes 630
  mkdir -p "$release"
  unpack_source
  make_environment
  make_assets
  # Compiled once, here: who runs it may not write. Never looked at again, whatever the clock says.
  logged "$release/.venv/bin/python" -m compileall -q --invalidation-mode unchecked-hash "$release" || true
  chmod -R u=rwX,go=rX "$release"
  sync -f "$release" # all of it is on the disk before it is called whole
  echo "$role" >"$release/.new"
  sync "$release/.new"
  mv "$release/.new" "$release/.whole"
}

unpack_source() {
  if [ -n "$bundle" ]; then
    tar -xzf "$bundle/source.tar.gz" -C "$release" --no-same-owner
  else
    source_list "$clone" | tar -c -C "$clone" -T - | tar -x -C "$release" --no-same-owner
  fi || fail "the code could not be laid in $release" "is the disk full? df -h $base"
  # The terminal tells the hall which release it is; of the virtual devices nothing came along.
  sed -i "s/^version = .*/version = $version/; /^    drivers\.virtual$/d" "$release/setup.cfg"
}

make_environment() {
  local lock=terminal
  [ "$role" = terminal ] || lock=hall
  logged python3 -m venv "$release/.venv" || fail "python3 could not make $release/.venv" "the log has why: $log"
  pip install --require-hashes --only-binary :all: -r "$release/requirements/$lock.txt" \
    -r "$release/requirements/carried.txt" || fail "pip could not install the locked packages" "$(pip_advice)"
  if [ -n "$bundle" ]; then
    pip install "$scratch"/bundle/wheels/pyscard-*.whl || fail "pip could not install pyscard" "$(pip_advice)"
  elif [ "$cards" = cards ]; then
    say "release $version: building pyscard; the compiler goes again"
    install_builders
    pip install --require-hashes --no-build-isolation --no-binary pyscard -r "$release/requirements/cards.txt" ||
      fail "pip could not build pyscard" "$(pip_advice)"
    remove_builders
  fi
  pip install --no-build-isolation --editable "$release" || fail "pip could not install the project itself" "$(pip_advice)"
}

pip() {
  logged "$release/.venv/bin/python" -m pip "$1" --quiet --no-deps --no-compile "${@:2}"
}

pip_advice() {
  if [ -n "$bundle" ]; then
    echo "the end of $log has why; if it asks for a newer Python, this is no plain Debian 12"
  else
    echo "is the network there? The end of $log has why. Run this again: it takes up where it was; or use a bundle"
  fi
}

make_assets() {
  local one
  for one in "assets.py fonts" pinyin_table.py; do
    # shellcheck disable=SC2086  # a name and its argument
    logged env -C "$release/config/deploy" KT_ASSETS="$release/build/assets" "$release/.venv/bin/python" $one ||
      fail "fonts and tables could not be made ($one)" "the log has why: $log"
  done
}

# The release that is in use, or nothing.
current_release() { readlink "$base/current" 2>/dev/null | sed 's,.*/,,' || true; }

# Whole releases, the newest first.
whole_releases() {
  local one
  for one in $(ls -t "$base/releases" 2>/dev/null); do
    if [ -f "$base/releases/$one/.whole" ]; then echo "$one"; fi
  done
}

# Beside the release that is coming stays the one in use, or the one before: there is always one to go back to.
prune_releases() {
  local one other
  other=$(current_release)
  if [ "$other" = "$version" ]; then other=$(whole_releases | grep -vxF -- "$version" | head -n 1 || true); fi
  for one in "$base"/releases/*; do
    one=${one##*/}
    if [ "$one" != "$version" ] && [ "$one" != "$other" ]; then
      say "release $one: removed, since two are kept"
      rm -rf "${base:?}/releases/$one"
    fi
  done
}

switch_release() {
  if [ "$(current_release)" = "$version" ]; then
    say "in use: release $version (skipped)"
    return
  fi
  ln -sfn "releases/$version" "$base/.current"
  mv -T "$base/.current" "$base/current"
  switched=1
  say "in use: release $version"
}
