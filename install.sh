#!/bin/sh
# Installs handoff for one account: from this clone with cargo, or from a release file whose checksum is
# given. Needs no root, changes no shell's start-up file, and puts each file in place whole or not at all.
set -eu

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
misused() { printf 'install.sh: %s (see: sh install.sh --help)\n' "$*" >&2; exit 2; }

help() {
  cat <<'TEXT'
usage: sh install.sh                                        build from this clone with cargo, and install
       sh install.sh --file handoff-VERSION.tar.gz --sha256 SUM   install a release file
       sh install.sh --uninstall                            remove what was installed

SUM is the checksum itself, 64 hex digits, or a file as sha256sum writes it that names the release file.
Without a matching one nothing is installed.

Goes to $PREFIX (default: ~/.local): bin/handoff, its man page, and completions for bash, zsh and fish.
TEXT
}

# What is installed, below the prefix.
program=bin/handoff
man=share/man/man1/handoff.1
bash=share/bash-completion/completions/handoff
zsh=share/zsh/site-functions/_handoff
fish=share/fish/vendor_completions.d/handoff.fish

stage=''
clean() { [ -z "$stage" ] || rm -rf "$stage"; }

main() {
  file='' sum='' uninstall=no
  while [ $# -gt 0 ]; do
    case $1 in
      --file) [ $# -ge 2 ] || misused '--file needs a path'; file=$2; shift 2 ;;
      --sha256) [ $# -ge 2 ] || misused '--sha256 needs a checksum or a file'; sum=$2; shift 2 ;;
      --uninstall) uninstall=yes; shift ;;
      -h | --help) help; exit 0 ;;
      *) misused "unknown argument: $1" ;;
    esac
  done
  prefix=${PREFIX:-${HOME:+$HOME/.local}}
  case $prefix in
    /*) ;;
    '') fail 'neither PREFIX nor HOME is set: say PREFIX=/where/to sh install.sh' ;;
    *) misused "PREFIX must be an absolute path, not: $prefix" ;;
  esac

  umask 022
  if [ "$uninstall" = yes ]; then
    [ -z "$file$sum" ] || misused '--uninstall goes alone'
    remove
    exit 0
  fi
  trap clean EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  stage=$(mktemp -d "${TMPDIR:-/tmp}/handoff-install.XXXXXX") || fail 'cannot make a temporary folder'
  if [ -n "$file" ]; then
    from_release
  else
    [ -z "$sum" ] || misused '--sha256 goes with --file'
    from_clone
  fi
  place
}

# ---- the program, put at $stage/handoff ----

from_clone() {
  here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
  grep -q '^name = "handoff"$' "$here/Cargo.toml" 2>/dev/null ||
    fail 'this is not a clone of handoff; for a release file: --file FILE --sha256 SUM'
  command -v cargo >/dev/null || fail 'cargo was not found: install Rust first, or use a release file'
  say "building from $here"
  (cd -- "$here" && cargo build --release --locked --bin handoff --target-dir "$here/target") ||
    fail 'the build failed; nothing was installed'
  cp -- "$here/target/release/handoff" "$stage/handoff"
}

from_release() {
  [ -n "$sum" ] || misused "--file needs --sha256: the checksum published with the release"
  [ -f "$file" ] || fail "no such file: $file"
  # What is checked and what is unpacked are one copy that only this account can write.
  cp -- "$file" "$stage/release"
  want=$(wanted_sum)
  have=$(actual_sum "$stage/release")
  [ "$have" = "$want" ] || fail "checksum does not match; nothing was installed
  wanted  $want
  found   $have  $file"
  mkdir "$stage/unpacked"
  tar -xzf "$stage/release" -C "$stage/unpacked" || fail "cannot unpack $file; nothing was installed"
  for found in "$stage/unpacked/handoff" "$stage/unpacked"/*/handoff; do
    if [ -f "$found" ] && [ ! -L "$found" ]; then
      mv -- "$found" "$stage/handoff"
      chmod 755 "$stage/handoff"
      return
    fi
  done
  fail "$file holds no program named handoff; nothing was installed"
}

# The checksum that was asked for, in lower case; stops when there is none for this very file.
wanted_sum() {
  if is_sum "$sum"; then
    printf '%s\n' "$sum" | tr 'A-F' 'a-f'
    return
  fi
  [ -f "$sum" ] || fail "--sha256: neither 64 hex digits nor a file: $sum"
  [ -s "$sum" ] || fail "--sha256: the file is empty: $sum"
  name=$(basename -- "$file")
  line=''
  while read -r digits named || [ -n "$digits" ]; do
    [ "${named#\*}" = "$name" ] || continue
    [ -z "$line" ] || fail "--sha256: $sum names $name twice"
    line=$digits
  done <"$sum"
  [ -n "$line" ] || fail "--sha256: $sum has no line for $name"
  is_sum "$line" || fail "--sha256: the line for $name in $sum has no checksum of 64 hex digits"
  printf '%s\n' "$line" | tr 'A-F' 'a-f'
}

is_sum() {
  case $1 in
    *[!0-9a-fA-F]*) return 1 ;;
    *) [ ${#1} -eq 64 ] ;;
  esac
}

actual_sum() {
  if command -v sha256sum >/dev/null; then
    found=$(sha256sum <"$1")
  elif command -v shasum >/dev/null; then
    found=$(shasum -a 256 <"$1")
  else
    fail 'neither sha256sum nor shasum was found: the file cannot be checked'
  fi
  found=${found%% *}
  is_sum "$found" || fail 'the checksum could not be computed'
  printf '%s\n' "$found"
}

# ---- into the prefix ----

place() {
  version=$("$stage/handoff" --version) ||
    fail "the program does not run here; nothing was installed (if ${TMPDIR:-/tmp} forbids programs, set TMPDIR)"
  for path in "$program" "$man" "$bash" "$zsh" "$fish"; do
    folder=$prefix/$(dirname -- "$path")
    if ! mkdir -p -- "$folder" 2>/dev/null || [ ! -w "$folder" ]; then
      fail "cannot write to $folder: choose another place, as in PREFIX=/where/to sh install.sh"
    fi
  done
  put "$stage/handoff" "$program" 755
  written "$man" man
  written "$bash" completions bash
  written "$zsh" completions zsh
  written "$fish" completions fish
  say "$version is installed; nothing else was changed."
  case :${PATH:-}: in
    *:"$prefix/bin":*) ;;
    *) say "$prefix/bin is not in PATH: add it in your shell's start-up file, or call $prefix/$program" ;;
  esac
  say "Next: handoff demo (keeps nothing), or handoff init"
}

# A page that the program itself writes, so that it is this version's.
written() {
  to=$1
  shift
  if "$stage/handoff" "$@" >"$stage/page" 2>/dev/null && [ -s "$stage/page" ]; then
    put "$stage/page" "$to" 644
  else
    say "left out: $prefix/$to (handoff $* wrote nothing)"
  fi
}

# Beside its place first, then renamed over it: whoever starts it gets the old one or the new one.
put() {
  beside=$prefix/$(dirname -- "$2")/.handoff-install.$$
  if ! { cp -- "$1" "$beside" && chmod "$3" "$beside" && mv -f -- "$beside" "$prefix/$2"; }; then
    rm -f -- "$beside"
    fail "cannot write $prefix/$2"
  fi
  say "installed  $prefix/$2"
}

remove() {
  removed=no
  for path in "$program" "$man" "$bash" "$zsh" "$fish"; do
    if [ -e "$prefix/$path" ]; then
      rm -f -- "$prefix/$path" || fail "cannot remove $prefix/$path"
      say "removed  $prefix/$path"
      removed=yes
    fi
  done
  [ "$removed" = yes ] || say "nothing of handoff is in $prefix"
  say 'Configuration, keys and queues were left where they are.'
}

# Called last, so that a script that was cut off in transit does nothing.
main "$@"
