/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others have put on a device: each of these would be lost. The bytes are those that mkfs.xfs,
 * mkfs.btrfs, mkfs.f2fs, mkfs.vfat and mkfs.exfat wrote, else those by which a format is known, written by
 * hand. */
#include "device/signature.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <blkid.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define PIECES 6

/* Without the zeros between and behind. */
static const struct head {
    const char *name;
    uint64_t size;
    struct {
        uint64_t at;
        const char *hex;
    } pieces[PIECES];
} heads[] = {
    {"linux_raid_member",
     8U << 20,
     {
         {0x7f0000, "fc4e2ba9000000005a00000000000000"},
     }},
    {"linux_raid_member",
     8U << 20,
     {
         {0x7fe000, "fc4e2ba901000000000000000000000011111111111111111111111111111111000000000000000000000000"
                    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                    "0000000000000000000000000000000000000000000000000000000000000000000000000000000000080000"
                    "000000000020000000000000f03f"},
     }},
    {"linux_raid_member",
     8U << 20,
     {
         {0x0, "fc4e2ba901000000000000000000000011111111111111111111111111111111000000000000000000000000"
               "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
               "0000000000000000000000000000000000000000000000000000000000000000000000000000000000080000"
               "000000000020"},
     }},
    {"linux_raid_member",
     8U << 20,
     {
         {0x1000, "fc4e2ba901000000000000000000000011111111111111111111111111111111000000000000000000000000"
                  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
                  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000080000"
                  "00000000002000000000000008"},
     }},
    {"zfs_member",
     128U << 20,
     {
         {0x21000, "0cb1ba0000000000"},
         {0x21400, "0cb1ba0000000000"},
         {0x21800, "0cb1ba0000000000"},
         {0x21c00, "0cb1ba0000000000"},
         {0x22000, "0cb1ba0000000000"},
         {0x22400, "0cb1ba0000000000"},
     }},
    {"BitLocker",
     8U << 20,
     {
         {0x0, "eb58902d4656452d46532d"},
         {0xb0, "0000010000000000"},
         {0x10000, "2d4656452d46532d40000200"},
     }},
    {"drbd",
     8U << 20,
     {
         {0x7ff03c, "8374026b00000008"},
         {0x7ff050, "00001000"},
     }},
    {"bcache",
     8U << 20,
     {
         {0x1008, "08000000000000000100000000000000c68573f64e1a45ca8265f57f48ba6d81"},
     }},
    {"squashfs",
     8U << 20,
     {
         {0x0, "68737173"},
         {0x1c, "04000000"},
     }},
    {"iso9660",
     8U << 20,
     {
         {0x8000, "01434430303101"},
     }},
    {"f2fs",
     128U << 20,
     {
         {0x400, "1020f5f201000f0009000000030000000c000000090000000100000001000000000000000080000000000000"
                 "380000003f0000000200000002000000020000000100000038000000000200000002000000060000000a0000"
                 "000e000000100000030000000100000002000000b21d3a495652425a93effed53a1bca62"},
     }},
    {"btrfs",
     128U << 20,
     {
         {0x10000, "fa7a6545000000000000000000000000"},
         {0x10020, "960d780ebee7440eab86c13ae160e3b4000001000000000001000000000000005f42485266535f4d06000000"
                   "0000000000c0d2010000000000405001"},
         {0x10070, "0000000800000000004002000000000006000000000000000100000000000000001000000040000000400000"
                   "0010000081000000060000000000000000000000000000000300000000000000410300000000000000000000"
                   "0001000000000000000000000800000000000080050000000000100000001000000010"},
         {0x10100, "00000000000000000000001c85b0c6817e4681b678962e2de3f820960d780ebee7440eab86c13ae160e3b4"},
     }},
    {"xfs",
     320U << 20,
     {
         {0x0, "58465342000010000000000000014000"},
         {0x20, "50504eefaa2643ad9e95c59efd3901c800000000000100060000000000000080000000000000008100000000"
                "000000820000000100005000000000040000000000004000b4a5020002000008000000000000000000000000"
                "0c0909030f0000190000000000000040000000000000003d000000000000ffe0"},
         {0xb0, "0000000000000008000000000000000000000000000000010000018a0000018a000000000000000d0000000b"
                "00000000eb42e48900000004"},
     }},
    {"vfat",
     64U << 20,
     {
         {0x0, "eb3c906d6b66732e66617400020404000200020000f880002000080000000000000002008000294984411f4e"
               "4f204e414d452020202046415431362020200e1fbe5b7cac22c0740b56b40ebb0700cd105eebf032e4cd16cd"
               "19eb"},
         {0x1fe, "55aa"},
     }},
    {"exfat",
     64U << 20,
     {
         {0x0, "eb769045584641542020200000000000"},
         {0x40, "00000000000000000000020000000000000800008000000000100000003e000005000000f6313dff00010000"
                "09030180"},
         {0x1f0, "000000000000000000000000000055aa"},
     }},
};

static void put(int fd, uint64_t at, const char *hex) {
    for (size_t i = 0; hex[2 * i]; i++) {
        const char digits[] = {hex[2 * i], hex[2 * i + 1], '\0'};
        unsigned char byte = (unsigned char)strtoul(digits, NULL, 16);

        assert_int_equal(pwrite(fd, &byte, 1, (off_t)(at + i)), 1);
    }
}

static void signature__of_each_head(void **state) {
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(heads); i++) {
        char path[] = "/var/tmp/vmsuite-head-XXXXXX";
        cleanup_close int fd = mkstemp(path);
        cleanup_free char *name = NULL;
        struct vms_error error = {""};

        assert_true(fd >= 0 && unlink(path) == 0 && ftruncate(fd, (off_t)heads[i].size) == 0);
        if (!blkid_known_fstype(heads[i].name))
            continue; /* a libblkid that is older than the format */
        for (size_t k = 0; k < PIECES && heads[i].pieces[k].hex; k++)
            put(fd, heads[i].pieces[k].at, heads[i].pieces[k].hex);
        assert_int_equal(signature_read(fd, path, &name, &error), 0);
        if (!name || strcmp(name, heads[i].name) != 0)
            fail_msg("%s instead of %s", name ? name : "nothing", heads[i].name);
        n++;
    }
    assert_true(n > 10);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signature__of_each_head),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
