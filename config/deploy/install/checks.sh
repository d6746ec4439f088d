# install/checks.sh: is this a machine that can be installed, and is the bundle whole? Sourced by install.sh.

check_machine() {
  [ "$(id -u)" = 0 ] || fail "this needs root, and you are $(id -un)" \
    "sudo bash $here/install.sh $arguments   (or become root with: su -)"
  local name='' number='' word
  if [ -r /etc/os-release ]; then
    name=$(. /etc/os-release && echo "${ID:-}")
    number=$(. /etc/os-release && echo "${VERSION_ID:-}")
  fi
  [ "$name:$number" = debian:12 ] || fail "this is ${name:-no Debian}${number:+ }$number (/etc/os-release), and the \
terminal is made for Debian 12" "install Debian 12 (bookworm), without a desktop, and run this again"
  word=$(dpkg --print-architecture)
  [ "$word" = amd64 ] || fail "this processor is $word, and the terminal's parts are built for amd64" \
    "take a computer with a 64-bit Intel or AMD processor"
  [ -e "$base/current" ] || room_for 3000 /var
}

# $1 MB in the folder $2: one that is full is found before anything is begun.
room_for() {
  local room
  room=$(df --output=avail -m "$2" | tail -n 1)
  [ "$room" -ge "$1" ] || fail "$2 has ${room// /} MB free, and $1 are needed" \
    "make room (df -h; du -xm / | sort -n | tail), or install Debian on a larger disk; then run this again"
}

# Whether each file of the bundle $1 is what it was when the bundle was made. A damaged stick is found here,
# before anything is touched, and the file is named.
check_bundle() {
  local list="$1/SHA256SUMS" bad
  local again="copy the bundle onto the stick again; if it is the same file twice, take another stick"
  [ -f "$list" ] || fail "$1 is no bundle: it has no SHA256SUMS" "name the folder that \`make bundle\` made"
  [ "$(tail -n 1 "$list" | cut -c67-)" = VERSION ] || fail "$list is cut short" "$again"
  if ! bad=$(cd "$1" && sha256sum --check --strict --quiet SHA256SUMS 2>/dev/null); then
    bad=$(sed -n 's/: FAILED.*//p' <<<"$bad" | head -n 5 | paste -sd ' ')
    fail "damaged or missing in $1: ${bad:-SHA256SUMS}" "$again"
  fi
  say "bundle $(cat "$1/VERSION"): $(wc -l <"$list") files, all as they were made"
}
