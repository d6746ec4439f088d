# install/source.sh: what of the clone goes onto a machine, and the version that this makes. Sourced.

# The files of the clone $1, one a line: what a machine runs and what its technician reads. No test, no
# virtual device, no picture: whatever a hall does not run cannot go wrong there.
source_list() {
  (
    cd "$1"
    if [ -e .git ] && command -v git >/dev/null; then
      git -c safe.directory='*' ls-files
    else
      find . \( -name '.?*' -o -name __pycache__ -o -name '*.egg-info' -o -path ./build -o -path ./data \) -prune -o \
        \( -type f -o -type l \) ! -name '*.pyc' -printf '%P\n'
    fi
  ) | LC_ALL=C sort | grep -E '^(config|docs|drivers|hall|kiosk|mqtt|requirements|screens)/|^(main\.py|setup\.cfg|pyproject\.toml|README\.md|LICENSE|NOTICE)$' |
    grep -v -E '^drivers/virtual/|^docs/pictures/|^config/deploy/scale/'
}

# 0.1.0+1a2b3c4d: the project's version and a digest of these files; $2 is `cards` where pyscard comes with it.
# Another digest is another release, so that two lie beside each other.
source_version() {
  local number digest
  number=$(sed -n 's/^version = //p' "$1/setup.cfg" | head -n 1)
  digest=$({ echo "$2"; source_list "$1" | (cd "$1" && xargs -d '\n' sha256sum); } | sha256sum | cut -c1-8)
  echo "$number+$digest"
}
