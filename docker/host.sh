#!/bin/sh
# The first program of every host of the lab network.
#
# usage: host.sh ROLE         prepares the host, as root, and becomes what it is for
#        host.sh --ready      waits until the host is what it is for, at most 60 s
#        host.sh --end MARK   ends all programs that have SOCKET_LABS_TERMINAL=MARK
#
# The environment has SOCKET_LABS_LAB and SOCKET_LABS_OUTSIDE, the first three numbers of the two subnets.
# ROLE is one of: workstation dnsserver mailserver router outside dhcphost, and editor: a container by
# itself, outside the lab network, for somebody who works in it
set -eu

HERE=$(dirname "$0")
LAB=${SOCKET_LABS_LAB:-10.20.30}
OUTSIDE=${SOCKET_LABS_OUTSIDE:-10.20.40}
ROLE_FILE=/run/role

# The person at this host has the numbers that the working directory's owner has, as seen from in
# here, so that every file belongs to the same person inside and outside.
make_student() {
  uid=$(stat -c %u /labs)
  gid=$(stat -c %g /labs)
  grep -q '^student:' /etc/passwd && return # the container was started before
  sed -i '/^tcpdump:/d' /etc/passwd /etc/group
  {
    echo "student:x:$uid:$gid:student:/home/student:/bin/bash"
    echo "tcpdump:x:$uid:$gid::/nonexistent:/usr/sbin/nologin"
  } >>/etc/passwd
  sed -i 's/^\(pcap:.*\)/\1student/' /etc/group
  getent group "$gid" >/dev/null || echo "student:x:$gid:" >>/etc/group
}

# Docker mounts these two files, so they are written anew in their place, not replaced.
use_dns_server() { printf 'search ttm4200.com\nnameserver %s\n' "$LAB.2" >/etc/resolv.conf; }
forget_dockers_address() {
  ip address flush dev eth0
  own=$(grep -v "$(hostname)\$" /etc/hosts)
  echo "$own" >/etc/hosts
}

# as USER COMMAND...: for services, which need no more than what USER may do
as() {
  user=$1
  shift
  exec setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --inh-caps=-all "$@"
}

ready() {
  case $(cat "$ROLE_FILE" 2>/dev/null) in
    dnsserver) ss -Hlun 'sport = :53' | grep -q . ;;
    mailserver) ss -Hltn 'sport = :587' | grep -q . ;;
    outside) ss -Hltn 'sport = :80' | grep -q . ;;
    dhcphost) ip -4 -o address show dev eth0 | grep -q inet ;;
    workstation | router) ;;
    *) return 1 ;;
  esac
}

# filled FILE: the file with the subnets in their places
filled() { sed "s/LAB/$LAB/g; s/OUTSIDE/$OUTSIDE/g" "$HERE/$1"; }

# The numbers of all processes with this mark in their environment, as far as one may read it.
marked() {
  grep -slz "^SOCKET_LABS_TERMINAL=$1\$" /proc/[0-9]*/environ | cut -d / -f 3
}

case ${1:?usage: host.sh ROLE} in
  --ready)
    looks=600
    until ready; do
      looks=$((looks - 1))
      [ $looks -gt 0 ] || exit 1
      sleep 0.1
    done
    exit
    ;;
  --end)
    for signal in HUP TERM KILL; do
      for looks in 1 2 3 4 5; do
        pids=$(marked "${2:?usage: host.sh --end MARK}")
        [ -n "$pids" ] || exit 0
        # shellcheck disable=SC2086 # one number is one word
        [ $looks -gt 1 ] || kill -s $signal $pids 2>/dev/null || true
        sleep 0.1
      done
    done
    exit 1
    ;;
  editor)
    make_student
    exec sleep infinity
    ;;
  outside) ip route replace default via "$OUTSIDE.100" ;;
  router) ip route delete default ;;
  dhcphost) forget_dockers_address ;;
  *) ip route replace default via "$LAB.100" ;;
esac
make_student
use_dns_server
echo "$1" >$ROLE_FILE

case $1 in
  workstation | router) exec sleep infinity ;;
  dnsserver)
    filled hosts >/run/hosts
    filled dnsmasq.conf >/run/dnsmasq.conf
    exec dnsmasq --keep-in-foreground --conf-file=/run/dnsmasq.conf
    ;;
  mailserver) as mail /opt/mailserver/bin/python3 "$HERE/mailserver.py" ;;
  outside)
    as nobody python3 -m http.server 80 --protocol HTTP/1.1 --directory "$HERE/outside"
    ;;
  dhcphost)
    until dhclient eth0; do sleep 1; done
    exec sleep infinity
    ;;
  *)
    echo "host.sh: there is no role $1" >&2
    exit 2
    ;;
esac
