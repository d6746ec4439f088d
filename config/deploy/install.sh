#!/usr/bin/env bash
# install.sh: makes a bare Debian 12 a terminal or a hall's server. As root, from a clone or from a bundle:
#
#   install.sh terminal [--terminal AREA/HALL/KIOSK --hall-name NAME --hall-name-en NAME --phone NUMBER]
#                       [--platform URL --broker HOST]   what goes into /etc/kiosk/terminal.toml, made once
#                       [--cards]        PC/SC readers: the card daemon, and pyscard
#   install.sh hall     [--hall AREA/HALL]
#   install.sh back                      to the release before this one
#   install.sh check                     only whether the bundle is whole
#       --bundle DIR                     packages from there and nothing from a network (`make bundle`)
#       --keep-running                   what runs is not started again
#
# Run again, it does what is missing, and nothing where nothing is; cut off anywhere, it completes when it is
# run again. docs/technicians.md has the whole way; docs/decisions/112 says what lies where and why.
set -euo pipefail
umask 022
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
arguments=$*
base=/opt/kiosk
log=/var/log/kiosk-install.log
scratch=/run/kiosk-install # gone with the next start
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV TMPDIR
[ -n "${PIP_CACHE_DIR:-}" ] || export PIP_NO_CACHE_DIR=1

say() { echo "install: $*"; }

# What is wrong and where; then what to do about it.
fail() {
  told=1
  echo "install: FAILED: $1" >&2
  echo "install: to do:  $2" >&2
  exit 1
}

wrong() {
  told=1
  echo "install: $1" >&2
  sed -n '4,12s/^# *//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# Whatever else ends us: what failed has said so itself, here or in the log.
stopped() {
  if [ "$1" = 0 ] || [ -n "$told" ]; then return; fi
  echo "install: FAILED: cut off before its end ($1)" >&2
  echo "install: to do:  is a disk full? df -h / /opt /var. The log: $log. Then run this again: it completes" >&2
}
told=''
trap 'stopped $?' EXIT

# Runs it; what it says goes into the log.
logged() { "$@" </dev/null >>"$log" 2>&1; }

# Of a damaged stick not even our own words may be taken.
if [ -f "$here/SHA256SUMS" ] && ! own=$(cd "$here" && grep '  install' SHA256SUMS | sha256sum --check --quiet 2>/dev/null); then
  fail "damaged or missing in $here: ${own%%: FAILED*}" "copy the bundle onto the stick again, or take another stick"
fi
# shellcheck source=/dev/null
for part in source checks packages release machine; do . "$here/install/$part.sh"; done

role='' bundle='' cards='' keep_running='' lists_fresh='' switched=''
area='' hall='' kiosk='' hall_name='' hall_name_en='' phone='' platform='' broker=''

read_arguments() {
  [ $# -gt 0 ] || wrong "terminal, or hall?"
  role=$1
  shift
  case $role in terminal | hall | back | check | switch) ;; *) wrong "there is no \`$role\`" ;; esac
  while [ $# -gt 0 ]; do
    case $1 in --cards | --keep-running) ;; *) [ $# -gt 1 ] || wrong "$1 wants a value" ;; esac
    case $1 in
      --cards) cards=cards ;;
      --keep-running) keep_running=yes ;;
      --bundle) bundle=$2 ;;
      --terminal) place "$2" '^([A-Za-z0-9_-]{1,36})/([A-Za-z0-9_-]{1,36})/([A-Za-z0-9_-]{1,36})$' AREA/HALL/KIOSK ;;
      --hall) place "$2" '^([A-Za-z0-9_-]{1,36})/([A-Za-z0-9_-]{1,36})()$' AREA/HALL ;;
      --hall-name) for_toml "$1" "$2" && hall_name=$2 ;;
      --hall-name-en) for_toml "$1" "$2" && hall_name_en=$2 ;;
      --phone) for_toml "$1" "$2" && phone=$2 ;;
      --platform) for_toml "$1" "$2" && platform=$2 ;;
      --broker) for_toml "$1" "$2" && broker=$2 ;;
      *) wrong "there is no option $1" ;;
    esac
    case $1 in --cards | --keep-running) shift ;; *) shift 2 ;; esac
  done
}

place() {
  [[ $1 =~ $2 ]] || wrong "$1 is not $3: letters, digits, - and _"
  area=${BASH_REMATCH[1]} hall=${BASH_REMATCH[2]} kiosk=${BASH_REMATCH[3]}
}

# It will stand between quotation marks of a TOML file.
for_toml() {
  case $2 in *[\"\\@\&]* | *[[:cntrl:]]*) wrong "$1: no quotation mark, backslash, @ or & in it" ;; esac
}

# Where code and packages come from: the bundle that was named, the one in which we lie, or the clone.
find_source() {
  clone=$(cd "$here/../.." && pwd -P)
  if [ -z "$bundle" ] && [ -f "$here/SHA256SUMS" ]; then bundle=$here; fi
  [ "$role" != check ] || [ -n "$bundle" ] || wrong "check wants --bundle DIR"
  if [ -n "$bundle" ]; then
    [ -d "$bundle" ] || fail "there is no folder $bundle" "name the folder that \`make bundle\` made"
    bundle=$(cd "$bundle" && pwd -P)
    # What a bundle holds is installed as it knows how to be.
    if [ "$here" != "$bundle" ] && [ -f "$bundle/install.sh" ]; then exec bash "$bundle/install.sh" "$@"; fi
    check_bundle "$bundle"
    if [ "$role" = check ]; then exit 0; fi
    version=$(cat "$bundle/VERSION")
    mkdir -p "$scratch"
    ln -sfn "$bundle" "$scratch/bundle" # apt and pip take no path with a blank in it
    export PIP_NO_INDEX=1 PIP_FIND_LINKS="$scratch/bundle/wheels" PIP_CONFIG_FILE=/dev/null
  else
    [ -f "$clone/setup.cfg" ] || fail "$here is neither a clone nor a bundle" "copy the whole folder, not the script alone"
    version=$(source_version "$clone" "$cards")
  fi
}

make_whole() {
  local roles=("$role")
  if [ -n "$cards" ]; then roles+=(readers); fi
  install_packages "${roles[@]}"
  make_release
  put_in_use
}

# From here on nothing comes from outside, and each step is a matter of a moment.
put_in_use() {
  prune_releases
  drop_files
  put_files
  make_users
  make_settings
  switch_release
  enable_units
  tell_boot_loader
  tell_initramfs
  tell_running_system
}

# The release before is put in use by its own install.sh: its files of the system come back with it.
back() {
  local using one
  using=$(current_release)
  for one in $(whole_releases); do
    [ "$one" != "$using" ] || continue
    say "back from release ${using:-none} to $one"
    exec bash "$base/releases/$one/config/deploy/install.sh" switch ${keep_running:+--keep-running}
  done
  fail "there is no release before ${using:-this}" "$base/releases holds only what was installed; install a bundle"
}

whats_next() {
  if [ "$role" = hall ]; then
    say "done. Next: $base/current/docs/hall.md, \"On a machine of install.sh\"; then restart the machine"
    return
  fi
  if grep -q '""  *# FILL IN' /etc/kiosk/terminal.toml; then
    say "still empty, fill in: $(grep '""  *# FILL IN' /etc/kiosk/terminal.toml | sed 's/ *=.*//' | paste -sd ' ')" \
      "(nano /etc/kiosk/terminal.toml)"
  fi
  say "done. Next: sudo kiosk doctor; sudo kiosk technician add NUMBER; sudo kiosk enroll; a password for rescue"
  say "then systemctl reboot, which locks the machine. Step by step: $base/current/docs/technicians.md"
}

read_arguments "$@"
check_machine
verb=$role
if [ "$verb" = switch ]; then
  release=${here%/config/deploy}
  version=${release##*/}
  role=$(cat "$release/.whole")
elif [ "$verb" != back ]; then
  find_source "$@"
fi
mkdir -p "$base/releases"
exec 9<"$base"
flock -n 9 || fail "another install.sh is at work on this machine" "wait until it has ended; then run this again"
case $verb in
  back) back ;;
  switch) put_in_use ;;
  *) make_whole ;;
esac
whats_next
rm -rf "$scratch"
