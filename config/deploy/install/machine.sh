# install/machine.sh: what lies outside the release: files of the system, users, settings, units. Sourced.
#
# The trees in config/deploy/machine mirror the machine's root. What differs is put in place, whole, one file
# after the other; what is right is not touched, so that a second run leaves no trace.

of_a_unit='^etc/systemd/system/[^/]+\.(service|path|socket|timer)$'

# The settings of this machine: made once, then the technician's own.
made_once() {
  case $1 in
    etc/kiosk/terminal.toml | etc/kiosk/screen.conf | etc/kiosk-hall/hall.toml) true ;;
    *) false ;;
  esac
}

# The files of the trees of the release in folder $1, as seen from the root, one a line.
tree_files() {
  local tree
  for tree in common "$role"; do
    if [ -d "$1/config/deploy/machine/$tree" ]; then
      (cd "$1/config/deploy/machine/$tree" && find . \( -type f -o -type l \) -printf '%P\n')
    fi
  done | LC_ALL=C sort -u
}

# Where the tree's file $1 lies: the role's own goes before the common one.
tree_source() {
  local own="$release/config/deploy/machine/$role/$1"
  if [ -e "$own" ] || [ -L "$own" ]; then echo "$own"; else echo "$release/config/deploy/machine/common/$1"; fi
}

put_files() {
  local file number=0
  while read -r file; do
    if made_once "$file" || is_right "$(tree_source "$file")" "/$file"; then continue; fi
    put_file "$(tree_source "$file")" "/$file"
    number=$((number + 1))
  done < <(tree_files "$release")
  if [ $number = 0 ]; then say "files of the system: all as they should be (skipped)"
  else say "files of the system: $number put in place"; fi
}

# Whether the file $2 is the tree's file $1 already.
is_right() {
  if [ -L "$1" ]; then [ "$(readlink "$2" 2>/dev/null)" = "$(readlink "$1")" ]
  else [ ! -L "$2" ] && cmp -s "$1" "$2" && [ "$(stat -c '%u:%g:%a' "$2")" = "0:0:$(mode_of "$1")" ]; fi
}

mode_of() { if [ -x "$1" ]; then echo 755; else echo 644; fi; }

# Never called as a condition (if, ||): there bash goes on after an error, and half a file would be put in place.
put_file() {
  mkdir -p "${2%/*}"
  if [ -L "$1" ]; then ln -sfn "$(readlink "$1")" "$2.kiosk-new"
  else
    install -m "$(mode_of "$1")" -o root -g root "$1" "$2.kiosk-new"
    sync "$2.kiosk-new"
  fi
  mv -T "$2.kiosk-new" "$2"
}

# What the release in use had put there and the new one has not: it goes, with its unit, if nobody altered it.
drop_files() {
  local old file from
  old=$base/$(readlink "$base/current" || true)
  if [ ! -f "$old/.whole" ] || [ "$(readlink -f "$base/current")" = "$(readlink -f "$release")" ]; then return 0; fi
  while read -r file; do
    if made_once "$file"; then continue; fi
    from=$old/config/deploy/machine/$role/$file
    if [ ! -e "$from" ] && [ ! -L "$from" ]; then from=$old/config/deploy/machine/common/$file; fi
    if [ -L "$from" ]; then
      [ "$(readlink "/$file")" = "$(readlink "$from")" ] || continue
    else
      cmp -s "$from" "/$file" || continue
    fi
    say "files of the system: /$file goes, this release has none"
    if [[ $file =~ $of_a_unit ]]; then systemctl --quiet disable "${file##*/}" 2>/dev/null || true; fi
    rm -f "/$file"
  done < <(comm -23 <(tree_files "$old") <(tree_files "$release"))
}

# User and group stand in usr/local/lib/sysusers.d/kiosk.conf: no password, no shell, no rights.
make_users() {
  user=kiosk
  [ "$role" = terminal ] || user=kiosk-hall
  if id "$user" >/dev/null 2>&1; then say "user $user: there already (skipped)"
  else say "user $user: made, without a password and without rights"; fi
  if ! users_right; then
    logged systemd-sysusers kiosk.conf || fail "the user $user could not be made" "the end of $log has why"
    users_right || fail "the user $user is not as /usr/local/lib/sysusers.d/kiosk.conf says" "the end of $log has why"
  fi
  own_folder /var/lib/$user "$user:$user" 700
  own_folder /var/lib/kiosk-updates root:root 755
  own_folder /etc/$user root:root 755
  if [ "$role" = terminal ]; then
    own_folder /var/lib/kiosk/terminal kiosk:kiosk 700
    own_folder /var/lib/kiosk/stick kiosk:kiosk 700
  fi
}

# Whether user, group, password entry and groups are all there: a cut in the middle may have left some out.
users_right() {
  getent passwd "$user" >/dev/null && getent group "$user" >/dev/null && getent shadow "$user" >/dev/null &&
    [ -z "$(comm -23 <(awk '$1 == "m" { print $3 }' /usr/local/lib/sysusers.d/kiosk.conf | sort) \
      <(id -nG "$user" | tr ' ' '\n' | sort))" ]
}

own_folder() {
  [ "$(stat -c '%U:%G %a' "$1" 2>/dev/null)" = "$2 $3" ] && return
  mkdir -p "$1"
  chown "$2" "$1"
  chmod "$3" "$1"
}

# Each settings file that this machine has not yet: from its template, with what was given on the command line.
make_settings() {
  local file text
  while read -r file; do
    made_once "$file" || continue
    if [ -e "/$file" ]; then
      say "/$file: there already, yours (skipped)"
      continue
    fi
    text=$(cat "$(tree_source "$file")"; echo .)
    text=${text%.}
    text=${text//@AREA@/$area} text=${text//@HALL@/$hall} text=${text//@KIOSK@/$kiosk}
    text=${text//@HALL_NAME_ZH@/$hall_name} text=${text//@HALL_NAME_EN@/${hall_name_en:-$hall_name}}
    text=${text//@PHONE@/$phone} text=${text//@PLATFORM@/$platform} text=${text//@BROKER@/${broker:-127.0.0.1}}
    mkdir -p "/${file%/*}"
    rm -f "/$file.kiosk-new"
    (umask 077 && printf %s "$text" >"/$file.kiosk-new")
    chown "root:$user" "/$file.kiosk-new"
    chmod 640 "/$file.kiosk-new"
    sync "/$file.kiosk-new"
    mv -T "/$file.kiosk-new" "/$file"
    say "/$file: made"
  done < <(tree_files "$release")
}

# Enabled is each unit of the trees that says where it belongs ([Install]); the others are called by these.
enable_units() {
  local unit number=0
  while read -r unit; do
    [[ $unit =~ $of_a_unit ]] || continue
    if [ -L "/$unit" ] || [[ $unit == *@.* ]] || ! grep -q '^\[Install\]' "/$unit"; then continue; fi
    unit=${unit##*/}
    if [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = enabled ]; then continue; fi
    logged systemctl --quiet enable "$unit" || fail "systemctl could not enable $unit" "the end of $log has why"
    number=$((number + 1))
  done < <(tree_files "$release")
  if [ $number = 0 ]; then say "units: all enabled (skipped)"
  else say "units: $number enabled"; fi
}

# What the boot loader is told, where there is one and its list is older than what we put there.
tell_boot_loader() {
  local list=/boot/grub/grub.cfg file
  if [ ! -e "$list" ] || ! command -v update-grub >/dev/null; then return 0; fi
  while read -r file; do
    if [[ $file =~ ^etc/(default/grub|grub\.d) && /$file -nt $list ]]; then
      if logged update-grub; then say "boot loader: told anew"
      elif [ -z "$keep_running" ]; then fail "update-grub did not work" "the end of $log has why"
      else say "boot loader: not from here; the next install.sh at the machine tells it"; fi
      return
    fi
  done < <(tree_files "$release")
}

# Drivers are loaded from the initramfs before the disk is there: it has our list of those that no terminal needs
# as it was when it was made.
tell_initramfs() {
  local image file
  if ! command -v update-initramfs >/dev/null; then return 0; fi
  for image in /boot/initrd.img-*; do
    while read -r file; do
      if [[ -e $image && $file =~ /modprobe\.d/ && /$file -nt $image ]]; then
        if logged update-initramfs -u -k all; then say "initramfs: made anew"
        elif [ -z "$keep_running" ]; then fail "update-initramfs did not work" "the end of $log has why"
        else say "initramfs: not from here; the next install.sh at the machine makes it"; fi
        return
      fi
    done < <(tree_files "$release")
  done
}

# On a machine that runs: nothing here touches the disk. While a chroot is filled there is nobody to tell.
tell_running_system() {
  if [ ! -d /run/systemd/system ]; then
    say "systemd does not run here: what is enabled begins with the machine (skipped)"
    return
  fi
  logged systemctl daemon-reload
  logged systemd-tmpfiles --create --prefix=/run || true
  logged udevadm control --reload || true
  logged udevadm trigger || true
  logged systemctl restart systemd-sysctl || true
  stop_masked
  if [ -n "$switched" ] && [ -z "$keep_running" ]; then
    say "what runs is started again with this release"
    logged systemctl try-restart --no-block 'kiosk*.service' || true
  fi
}

# What Debian has started by itself and the trees switch off: it goes at once, not only with the next start.
stop_masked() {
  local unit
  while read -r unit; do
    if [[ $unit == etc/systemd/system/*.service && $(readlink "/$unit") == /dev/null ]]; then
      logged systemctl stop "${unit##*/}" || true
    fi
  done < <(tree_files "$release")
}
