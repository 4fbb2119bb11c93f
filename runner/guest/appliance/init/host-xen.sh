# SPDX-License-Identifier: GPL-3.0-or-later
# The emulated host as Xen's dom0. Continues host.sh.
PATH=$PATH:/usr/lib/xen-4.17/bin
mkdir -p /var/lib/xen /var/log/xen/console /var/lock /run/xen /run/xenstored
ln -sfn ../run /var/run
: >/etc/xen/xl.conf
# What the guest says is said on this console, with what is counted here.
mkfifo /run/console && ln -s /run/console /var/log/xen/console/guest-guest.log ||
    fail "the guest's console cannot be made"
/init relay <>/run/console &
relay=$!

mount -t xenfs xenfs /proc/xen || fail "xenfs cannot be mounted: is this a kernel that can be dom0?"
xenstored || fail "xenstored did not start"
xen-init-dom0 >/run/dom0.log 2>&1 || fail "dom0 cannot be set up: $(tail -n 1 /run/dom0.log)"
xenconsoled --log=guest --log-dir=/var/log/xen/console || fail "xenconsoled did not start"

say "starting the domain"
at started
xl create -F /job/domain.cfg >/run/xl.log 2>&1
status=$?
at ended
# Its last words.
sleep 1
kill $relay
sed 's/^/vmsuite-host: xl: /' /run/xl.log
if [ $status -ne 0 ]; then
    # The device model of an HVM domain has a log of its own.
    sed 's/^/vmsuite-host: qemu: /' /var/log/xen/qemu-dm-guest.log 2>/dev/null
    fail "xl create: exit status $status: $(grep -m 1 error /run/xl.log)"
fi
