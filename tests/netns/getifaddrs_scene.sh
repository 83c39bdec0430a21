#!/usr/bin/env bash
# Runs a command in a network namespace of its own with interfaces of many sorts in it: a pair of veths with peers and
# labels, one without carrier, a bridge with a port, a tun, a macvlan, a VLAN, names that are not ASCII.
#
#   getifaddrs_scene.sh COMMAND...
#
# Status 77 where no namespace can be made. What a kernel lacks (tun, macvlan, vlan) is left out aloud.
set -euo pipefail
here=$(readlink -f "${BASH_SOURCE[0]}")

if [[ ${1-} != --inside ]]; then
  (($#)) || { echo "usage: getifaddrs_scene.sh COMMAND..." >&2; exit 2; }
  command -v ip >/dev/null || { echo "getifaddrs: skipped: no ip (Debian: iproute2)"; exit 77; }
  enter=(unshare -mn)
  ((EUID == 0)) || enter=(unshare -rmn)
  "${enter[@]}" true 2>/dev/null || { echo "getifaddrs: skipped: network namespaces are not allowed here"; exit 77; }
  exec "${enter[@]}" "$here" --inside "$@"
fi
shift

# Named namespaces are files in /run/netns: not in that of the machine.
mount -t tmpfs none /run
optional() { "$@" 2>/dev/null || echo "getifaddrs: left out, not on this kernel: $*"; }

export LC_ALL=C.UTF-8
ip link set lo up
ip addr add 127.0.0.9/8 dev lo
ip addr add 10.5.5.5/32 dev lo

ip link add v0 type veth peer name v1
ip addr add 192.0.2.1 peer 192.0.2.2 dev v0
ip addr add 2001:db8:1::1 peer 2001:db8:1::2 dev v0 nodad
ip link set v0 multicast off up txqueuelen 77 alias 'the "first" one'
optional ip link property add dev v0 altname a-longer-name-than-fits altname second
ip addr add 10.1.2.3/24 brd + dev v1
ip addr add 10.1.3.4/16 dev v1
ip addr add 10.1.2.99/24 brd + dev v1 label v1:1
ip addr add 10.1.4.1/24 dev v1 label v1:two
ip addr add 10.1.2.100/24 brd + dev v1 label v1:1
ip addr add 2001:db8::5/64 dev v1 nodad valid_lft 5000 preferred_lft 3000
ip addr add 2001:db8::6/64 dev v1 nodad valid_lft 5000 preferred_lft 0
ip addr add 10.1.5.1/24 dev v1 noprefixroute metric 17 scope link
ip link set v1 up group 5 mtu 1400

# Up, but the other end is not.
ip link add nc0 type veth peer name nc1
ip addr add 10.3.0.1/24 brd 10.3.0.255 dev nc0
ip link set nc0 up

# A label can be another link's name: then its flags differ from the address's.
ip link add v10 type veth peer name v11
ip addr add 10.77.0.1/24 dev v1 label v10

ip link add br0 type bridge
ip link set v11 master br0
ip addr add 10.44.0.1/24 broadcast 10.44.0.77 dev br0
ip addr add fe80::77/64 dev br0 nodad
ip link set br0 up

ip link add 'é0' type veth peer name 'q"\z'
optional ip link add mv0 link v1 type macvlan
optional ip link add link v1 name v1.5 type vlan id 5
optional ip link add vx7 type vxlan id 7 dstport 4789
if ip tuntap add tun7 mode tun 2>/dev/null; then
  ip addr add 10.8.0.1/30 dev tun7
  ip addr add 10.9.0.1/32 peer 10.9.0.2/32 dev tun7
  ip addr add fd00:9::1/64 dev tun7
  ip link set tun7 up
else
  echo "getifaddrs: left out: no tun"
fi
# Traffic, for the counters.
ping -q -c 2 -i 0.2 -W 1 127.0.0.9 >/dev/null 2>&1 || true
exec "$@"
