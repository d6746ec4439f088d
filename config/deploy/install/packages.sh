# install/packages.sh: Debian's packages by role, from Debian or from the bundle. Sourced by install.sh.

builders=$base/.builders # what a compiler brought, to be taken away again; outlives a run that was cut off

# The packages of any of these roles (debian-packages.txt), one a line.
packages_of() {
  awk -v roles=" $* " '!/^#/ && NF {
    n = split($2, own, ",")
    for (i = 1; i <= n; i++) if (index(roles, " " own[i] " ")) { print $1; break } }' "$here/debian-packages.txt"
}

not_installed() {
  comm -23 <(sort -u) <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" { print $2 }' |
                        sort -u)
}

# apt-get, told where the packages are. Recommended ones stay out; a changed file of configuration stays.
apt() {
  local from=()
  if [ -n "$bundle" ]; then
    mkdir -p "$scratch/lists/partial"
    echo "deb [trusted=yes] file:$scratch/bundle/debs ./" >"$scratch/bundle.list"
    from=(-o Dir::Etc::sourcelist="$scratch/bundle.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$scratch/lists"
          -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root)
  fi
  logged apt-get -qq -y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
    -o APT::Keep-Downloaded-Packages=false \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "${from[@]}" "$@"
}

apt_advice() {
  if [ -n "$bundle" ]; then
    echo "look at the end of $log; a bundle made on another day may lack what this machine wants: make a new one"
  else
    echo "is the cable in, and does \`apt-get update\` work? The whole log: $log. Without a network: use a bundle"
  fi
}

update_lists() {
  [ -z "$lists_fresh" ] || return 0
  lists_fresh=1
  apt update || fail "apt-get update could not read the package lists" "$(apt_advice)"
}

install_packages() {
  local missing
  if [ -n "$(dpkg --audit)" ]; then
    say "packages: an earlier run was cut off; finishing it"
    update_lists
    logged dpkg --configure -a --force-confdef --force-confold || true
    apt --fix-broken install || fail "packages that an earlier run left half installed cannot be mended" "$(apt_advice)"
  fi
  remove_builders
  mapfile -t missing < <(packages_of "$@" | not_installed)
  if [ ${#missing[@]} = 0 ]; then
    say "packages: all there (skipped)"
    return
  fi
  say "packages: installing ${#missing[@]} and what they need"
  update_lists
  apt install "${missing[@]}" || fail "apt-get could not install the packages" "$(apt_advice)"
  mapfile -t missing < <(packages_of "$@" | not_installed)
  [ ${#missing[@]} = 0 ] || fail "these packages did not come: ${missing[*]}" "$(apt_advice)"
}

# A compiler and what it needs, for as long as it takes to build pyscard; the list is on the disk before.
install_builders() {
  local wanted
  mapfile -t wanted < <(comm -23 <(packages_of cards | sort) <(packages_of readers | sort))
  update_lists
  apt-get -s --no-install-recommends install "${wanted[@]}" | awk '$1 == "Inst" { print $2 }' >"$builders.new"
  mv "$builders.new" "$builders"
  apt install "${wanted[@]}" || fail "apt-get could not install the compiler for pyscard" "$(apt_advice)"
}

remove_builders() {
  [ -e "$builders" ] || return 0
  local there
  mapfile -t there < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 != "not-installed" { print $2 }' |
                       sort -u | comm -12 - <(sed 's/:.*//' "$builders" | sort -u))
  if [ ${#there[@]} -gt 0 ]; then
    apt purge "${there[@]}" || fail "the compiler could not be taken away again" "$(apt_advice)"
  fi
  rm "$builders"
}
