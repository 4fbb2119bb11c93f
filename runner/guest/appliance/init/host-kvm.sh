# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated host with KVM. Continues host.sh.
[ -c /dev/kvm ] || fail "the emulated processor offers no KVM"
mkdir -p /dev/net
[ -c /dev/net/tun ] || mknod /dev/net/tun c 10 200
mkdir -p /usr/share/qemu
set --
while IFS= read -r word; do
    set -- "$@" "$word"
done </job/qemu
# Where KVM counts the guest's exits.
mount -t debugfs debugfs /sys/kernel/debug
mkfifo /run/console || fail "the guest's console cannot be made"
/init relay </run/console &
[ ! -e /job/counts ] || /init leave-on-interrupts ||
    say "the guest may hang: this kernel does not let KVM's interrupts be watched (BPF, bpf_send_signal)"
say "starting the guest"
at started
"$@" </dev/null >/run/console 2>&1
status=$?
at ended
wait $!
[ $status -eq 0 ] || fail "QEMU ended with exit status $status"
