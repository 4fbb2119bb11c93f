/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that begin as a Linux kernel does, for tests. */
#ifndef VMSUITE_TESTS_UNIT_BZIMAGE_FILE_H
#define VMSUITE_TESTS_UNIT_BZIMAGE_FILE_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define BZIMAGE_FILE_REST 2000 /* bytes after the setup */

struct bzimage_file {
    const char *magic;
    unsigned version, sectors, relocatable;
    uint32_t preferred, space, payload_length;
};

static const struct bzimage_file bzimage_file_usual = {"HdrS", 0x020f, 2, 1, 16U << 20, 40U << 20, 64};

/* The rest is 'R', and its compressed kernel begins 16 bytes into it. */
static inline void bzimage_file_write(const char *path, const struct bzimage_file *kernel) {
    const uint32_t numbers[][2] = {
        {0x206, kernel->version},        {0x214, 0x100000},          {0x248, 16},
        {0x24c, kernel->payload_length}, {0x258, kernel->preferred}, {0x260, kernel->space}};
    char content[3 * 512 + BZIMAGE_FILE_REST] = "";
    FILE *file = fopen(path, "we");

    content[0x1f1] = (char)kernel->sectors;
    memcpy(content + 0x202, kernel->magic, 4);
    content[0x234] = (char)kernel->relocatable;
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        memcpy(content + numbers[i][0], &numbers[i][1], 4); /* x86 is little-endian */
    memset(content + 3 * 512, 'R', BZIMAGE_FILE_REST);
    assert_non_null(file);
    assert_int_equal(fwrite(content, 1, sizeof(content), file), sizeof(content));
    assert_int_equal(fclose(file), 0);
}

#endif
