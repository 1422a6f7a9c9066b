#!/usr/bin/env bash
# Makes the base images of the lab network on a host that reaches a Debian mirror and no registry.
#
# usage: docker/base-images.sh [MIRROR]      as root; default: http://deb.debian.org/debian
#
# debian:bookworm-slim is a minimal Debian, rust:1-bookworm is the same with a C compiler, OpenSSL's
# headers and the Rust toolchain that `rustc` on this host stands for. Both have the tags of the
# images in the registry, and as far as docker/Dockerfile cares their contents; they also trust the
# issuers of certificates that were added to this host's. An image that is there is left alone.
set -euo pipefail

MIRROR=${1:-http://deb.debian.org/debian}
DEBIAN=debian:bookworm-slim
RUST=rust:1-bookworm

fail() { printf 'base-images.sh: %s\n' "$*" >&2; exit 1; }
say() { printf '==> %s\n' "$*"; }
missing() { ! docker image inspect "$1" >/dev/null 2>&1; }

if [ "$(id -u)" != 0 ]; then
  # shellcheck disable=SC2016 # to be pasted as it is
  fail 'only root can unpack a Debian: sudo env "PATH=$PATH" "HOME=$HOME" docker/base-images.sh'
fi
docker version >/dev/null || fail 'Docker does not answer, see above'
if ! missing "$DEBIAN" && ! missing "$RUST"; then
  say "$DEBIAN and $RUST are there; to make them afresh: docker image rm $DEBIAN $RUST"
  exit
fi
command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install debootstrap'
sysroot=$(rustc --print sysroot) || fail 'Rust is missing. Install it as https://rustup.rs says'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# import TAG [CHANGE...]: what is in $root becomes an image
import() {
  local tag=$1 changes=()
  shift
  for change; do changes+=(--change "$change"); done
  tar -C "$root" --numeric-owner -c . | docker import "${changes[@]}" - "$tag" >/dev/null
  say "$tag is there"
}

say "Debian bookworm from $MIRROR: about half a minute"
debootstrap --variant=minbase bookworm "$root" "$MIRROR" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; fail 'debootstrap did not succeed, see above'; }
rm -f "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
mkdir -p "$root/usr/local/share/ca-certificates"
find /usr/local/share/ca-certificates -name '*.crt' \
  -exec cp -t "$root/usr/local/share/ca-certificates" {} + 2>/dev/null || true
if missing "$DEBIAN"; then import "$DEBIAN" 'CMD ["bash"]'; fi

if missing "$RUST"; then
  say 'a C compiler and the headers of OpenSSL'
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  packages='ca-certificates gcc libc6-dev libssl-dev make pkg-config'
  # shellcheck disable=SC2086 # one word for each package
  { chroot "$root" apt-get update &&
    chroot "$root" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y --no-install-recommends $packages; } >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; fail 'apt-get did not succeed, see above'; }
  rm -f "$root/etc/resolv.conf" "$root"/var/cache/apt/archives/*.deb

  say "$(rustc --version), from $sysroot"
  toolchain=/usr/local/rustup/toolchains/$(basename "$sysroot")
  mkdir -p "$root$toolchain" "$root/usr/local/cargo/bin"
  tar -C "$sysroot" -c bin lib | tar -C "$root$toolchain" -x --no-same-owner
  for program in "$root$toolchain"/bin/*; do
    ln -s "$toolchain/bin/$(basename "$program")" "$root/usr/local/cargo/bin/"
  done
  import "$RUST" 'ENV RUSTUP_HOME=/usr/local/rustup' 'ENV CARGO_HOME=/usr/local/cargo' \
    'ENV PATH=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
    'CMD ["bash"]'
fi
