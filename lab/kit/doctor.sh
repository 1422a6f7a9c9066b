#!/bin/sh
# make doctor: what this machine can do, what each missing piece is for, and the command that mends it.
# It needs no Rust and builds nothing. Exit status: 0 where `make check` will work, 1 where it will not.
missing=0

ok() { printf '  ok       %-14s %s\n' "$1" "$2"; }
must() { printf '  MISSING  %-14s %s\n           %s\n' "$1" "$2" "$3"; missing=1; }
may() { printf '  without  %-14s %s\n           %s\n' "$1" "$2" "$3"; }
there() { command -v "$1" >/dev/null 2>&1; }
first() { "$@" 2>/dev/null | head -n 1; }

echo "What make check needs:"
case $(uname -s) in
  Linux) ok Linux "$(uname -r)" ;;
  *) must Linux "the checks read /proc, which only Linux has" \
       "docs/where-to-work.md says how to work on this system" ;;
esac
if [ -r /proc/self/stat ]; then ok /proc "it can be read"
else must /proc "the checks see there when a program is ready" "mount -t proc proc /proc"; fi
if there cargo; then
  version=$(first cargo --version | cut -d ' ' -f 2)
  minor=$(echo "$version" | cut -d . -f 2)
  if [ "${minor:-0}" -ge 91 ]; then ok Rust "$version"
  else must Rust "this one is $version, and the labs need 1.91" "rustup update"; fi
else must Rust "it compiles your programs" "install it as https://rustup.rs says"; fi
if there cc; then ok linker "$(first cc --version)"
else must linker "Rust links programs with it" "sudo apt-get install gcc libc6-dev"; fi
if there make; then ok make "$(first make --version)"
else must make "every command here is a target of make" "sudo apt-get install make"; fi
if [ -w . ]; then ok directory "it can be written to"
else must directory "what is built goes into target/" "copy this directory to a place of your own"; fi

echo "What makes more of it:"
if there pkg-config && pkg-config --exists openssl; then ok OpenSSL "$(pkg-config --modversion openssl)"
else may OpenSSL "labs 6 and 8 (TLS) build it from source, which takes a minute or two" \
       "sudo apt-get install libssl-dev pkg-config"; fi
if unshare --user --map-root-user --net true 2>/dev/null; then ok namespaces "each check has a network of its own"
else may namespaces "checks take turns at the ports of this machine, and take longer" \
       "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0; in a container, ask who runs it"; fi
if there nc; then ok netcat "for the commands after \"replay\""
else may netcat "the commands after \"replay\" need it" "sudo apt-get install netcat-openbsd"; fi
if there python3; then ok python3 "$(first python3 --version)"
else may python3 "the lab network (make net-up) needs it" "sudo apt-get install python3"; fi
if there tshark; then ok tshark "$(first tshark --version)"
else may tshark "make packets reads captures with it" "sudo apt-get install tshark"; fi
if there docker && docker version >/dev/null 2>&1; then ok docker "$(first docker --version)"
elif there docker; then may docker "it does not answer; make net-up needs it" "sudo usermod -aG docker \"\$USER\", then log in again"
else may docker "the lab network (make net-up) runs in it" "https://docs.docker.com/engine/install"; fi
if docker compose version >/dev/null 2>&1 || there docker-compose; then ok compose "for the lab network"
else may compose "the lab network (make net-up) needs it" "sudo apt-get install docker-compose-plugin"; fi
# Whoever grades has the whole project. As `lab grade` does: root's programs become nobody.
bwrap_works() {
  if [ "$(id -u)" = 0 ]; then set -- setpriv --reuid=65534 --regid=65534 --clear-groups bwrap; else set -- bwrap; fi
  bwrap --help 2>&1 | grep -q -e --disable-userns &&
    "$@" --unshare-all --ro-bind / / --dev /dev --proc /proc true 2>/dev/null
}
if [ ! -d solutions ]; then :
elif there bwrap && bwrap_works; then ok sandbox "$(first bwrap --version): graders run submissions in it"
elif there bwrap; then may sandbox "bubblewrap cannot make one here, and make grade refuses to work without" \
       "make grade says what to do on this machine; docs/graders.md says why"
else may bubblewrap "only graders need it, to run what others have written" "sudo apt-get install bubblewrap"; fi
if [ -t 1 ]; then ok terminal "$(stty size 2>/dev/null | sed 's/\(.*\) \(.*\)/\2 columns, \1 lines/')"
else may terminal "this output goes into a file or a pipe, so nothing is in colour" "run make doctor in a terminal"; fi

if [ $missing = 0 ]; then echo "make check will work here."
else echo "make check will not work here yet: mend what is MISSING, from the top."; fi
exit $missing
