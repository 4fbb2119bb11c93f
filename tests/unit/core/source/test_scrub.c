/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/scrub.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_scrubbed(const char *text, const char *expected) {
    char *clean = scrub_text(text, "alpha");

    assert_non_null(clean);
    assert_string_equal(clean, expected);
    free(clean);
}

static void assert_kept(const char *path, const char *text, const char *expected) {
    char *kept;
    size_t size;

    assert_int_equal(scrub_file(path, "alpha", text, strlen(text), &kept, &size), 0);
    assert_int_equal(size, strlen(expected));
    assert_memory_equal(kept, expected, size);
    free(kept);
}

static void text__identifiers_become_zeros(void **state) {
    (void)state;
    assert_scrubbed("UUID=8b2c5a1e-37d4-4f3b-9a7e-0c1d2e3f4a5b rw",
                    "UUID=00000000-0000-0000-0000-000000000000 rw");
    assert_scrubbed("besteffort-pod8b2c5a1e_37d4_4f3b_9a7e_0c1d2e3f4a5b",
                    "besteffort-pod00000000_0000_0000_0000_000000000000");
    assert_scrubbed("52:54:00:aB:cd:ef", "00:00:00:00:00:00");
    assert_scrubbed("01-52-54-00-ab-cd-ef", "00-00-00-00-00-00-00");
    assert_scrubbed("/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                    "/docker/0000000000000000000000000000000000000000000000000000000000000000");
    assert_scrubbed("enx525400abcdef: up", "enx000000000000: up");
}

static void text__host_name_is_replaced_as_a_word(void **state) {
    (void)state;
    assert_scrubbed("alpha alphabet /lxc/alpha", "host alphabet /lxc/host");
}

static void text__what_only_looks_alike_stays(void **state) {
    (void)state;
    assert_scrubbed("0000:00:01.0 10:20:30 6.1.0-13-amd64 0x1af4",
                    "0000:00:01.0 10:20:30 6.1.0-13-amd64 0x1af4");
    assert_scrubbed("", "");
    assert_scrubbed("deadbeef", "deadbeef");
}

static void file__command_line_loses_private_values(void **state) {
    (void)state;
    assert_kept("/proc/cmdline",
                "quiet root=PARTUUID=1234abcd-02 ip=10.0.0.2::10.0.0.1 cpuidle.off=1 my.token=x "
                "console=ttyS0 -- --key y\n",
                "quiet root=removed ip=removed cpuidle.off=1 my.token=removed console=ttyS0\n");
}

static void file__cpuinfo_keeps_what_is_read(void **state) {
    (void)state;
    assert_kept("/proc/cpuinfo",
                "processor : 0\nCPU part : 0xd08\nprocessor : 1\nCPU part : 0xd08\nSerial : 10000000abc\n",
                "CPU part : 0xd08\n");
}

static void file__routes_and_mounts_lose_names(void **state) {
    (void)state;
    assert_kept("/proc/net/route", "Iface Destination Gateway\neth0 00000000 0101A8C0\neth0 0001A8C0 0\n",
                "eth0\t00000000\n");
    assert_kept("/proc/self/mountinfo",
                "22 1 8:1 /@rootfs / rw,relatime shared:1 - btrfs /dev/sda1 rw,subvol=/@rootfs\n"
                "30 22 0:44 / /home/alice/data rw - nfs4 server:/export rw\n"
                "31 22 0:45 / /home rw - nfs4 server:/export rw,addr=10.0.0.1\n",
                "1 1 8:1 / / rw,relatime - btrfs /dev/sda1 rw\n1 1 0:45 / /home rw - nfs4 nfs4 rw\n");
}

static void file__routes_keep_what_decides(void **state) {
    (void)state;
    assert_kept("/proc/net/route", "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
                "eth0\t00000000\t00000000\t0003\t0\t0\t100\t00000000\n");
    assert_kept("/proc/net/ipv6_route",
                "20010db8000000000000000000000000 40 00 00 00 00000100 1 0 00000001 eth0\n"
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                "fe80000000000000025056fffec00001 00000400 1 0 00000003 eth0\n",
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
                "00000000000000000000000000000000 00000400 0 0 00000003 eth0\n");
}

static void file__loop_devices_lose_their_file(void **state) {
    (void)state;
    assert_kept("/sys/class/block/loop0/loop/backing_file", "/home/alice/disk.img\n", "removed\n");
}

/* What a manager writes stays, what it writes it for goes. */
static void file__container_marks_stay(void **state) {
    (void)state;
    assert_kept(
        "/proc/self/mountinfo",
        "22 1 0:9 / / rw - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/ABC:/x,upperdir=/y\n"
        "23 22 8:1 /var/lib/kubelet/pods/secret-name/etc-hosts /etc/hosts rw - ext4 /dev/sda1 rw\n",
        "1 1 0:9 / / rw - overlay overlay rw,lowerdir=/docker/overlay2/\n"
        "1 1 0:0 /kubelet/pods/ /kubelet/pods/ ro - none none ro\n");
}

static void file__processors_keep_their_numbers(void **state) {
    (void)state;
    assert_kept("/proc/cpuinfo", "processor\t: 0\ninitial apicid\t: 4\nprocessor\t: 1\ninitial apicid\t: 5\n",
                "processor\t: 0\ninitial apicid\t: 4\nprocessor\t: 1\ninitial apicid\t: 5\n");
}

static void file__environment_keeps_the_container(void **state) {
    static const char bytes[] = "HOME=/root\0container=lxc\0KUBERNETES_SERVICE_HOST=10.0.0.1\0TOKEN=secret";
    char *kept;
    size_t size;

    (void)state;
    assert_int_equal(scrub_file("/proc/self/environ", NULL, bytes, sizeof(bytes) - 1, &kept, &size), 0);
    assert_int_equal(size, 46); /* as of the first process */
    free(kept);
    assert_int_equal(scrub_file("/proc/1/environ", NULL, bytes, sizeof(bytes) - 1, &kept, &size), 0);
    assert_int_equal(size, 46);
    assert_memory_equal(kept, "container=lxc\0KUBERNETES_SERVICE_HOST=removed", size);
    free(kept);
}

static void file__firmware_stays_binary(void **state) {
    static const char bytes[] = "FACP\0\1\2\xff";
    char *kept;
    size_t size;

    (void)state;
    assert_int_equal(scrub_file("/sys/firmware/acpi/tables/FACP", NULL, bytes, sizeof(bytes), &kept, &size),
                     0);
    assert_int_equal(size, sizeof(bytes));
    assert_memory_equal(kept, bytes, size);
    free(kept);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__identifiers_become_zeros),
        cmocka_unit_test(text__host_name_is_replaced_as_a_word),
        cmocka_unit_test(text__what_only_looks_alike_stays),
        cmocka_unit_test(file__command_line_loses_private_values),
        cmocka_unit_test(file__cpuinfo_keeps_what_is_read),
        cmocka_unit_test(file__routes_and_mounts_lose_names),
        cmocka_unit_test(file__routes_keep_what_decides),
        cmocka_unit_test(file__loop_devices_lose_their_file),
        cmocka_unit_test(file__container_marks_stay),
        cmocka_unit_test(file__processors_keep_their_numbers),
        cmocka_unit_test(file__environment_keeps_the_container),
        cmocka_unit_test(file__firmware_stays_binary),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
