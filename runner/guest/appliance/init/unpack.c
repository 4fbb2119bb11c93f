/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD_SIZE 110 /* "070701" and 13 numbers of 8 hexadecimal digits */
#define FIELD_MODE 1
#define FIELD_SIZE 6
#define FIELD_NAME_SIZE 11
#define NAME_MAX_SIZE 1024

static unsigned long field(const char *head, unsigned index) {
    char digits[9] = "";

    memcpy(digits, head + 6 + index * 8, 8);
    return strtoul(digits, NULL, 16);
}

static int skip(FILE *archive, unsigned long size) {
    return fseek(archive, (long)((4 - size % 4) % 4), SEEK_CUR);
}

static int copy(FILE *archive, const char *path, unsigned mode, unsigned long left) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 0777);
    char block[65536];

    if (fd < 0)
        return -1;
    while (left > 0) {
        size_t count = fread(block, 1, left < sizeof(block) ? left : sizeof(block), archive);

        if (count == 0 || write(fd, block, count) != (ssize_t)count)
            break;
        left -= count;
    }
    (void)close(fd);
    return left == 0 ? 0 : -1;
}

static int entry(FILE *archive, const char *name, unsigned mode, unsigned long size) {
    char path[NAME_MAX_SIZE + 2], target[NAME_MAX_SIZE] = "";

    (void)snprintf(path, sizeof(path), "/%s", name);
    if (S_ISDIR(mode))
        return mkdir(path, mode & 0777) == 0 || access(path, F_OK) == 0 ? 0 : -1;
    if (S_ISREG(mode))
        return copy(archive, path, mode, size);
    if (!S_ISLNK(mode) || size >= sizeof(target) || fread(target, size, 1, archive) != 1)
        return -1;
    return symlink(target, path) == 0 || access(path, F_OK) == 0 ? 0 : -1;
}

int unpack(const char *disk) {
    FILE *archive = fopen(disk, "re");
    char head[HEAD_SIZE], name[NAME_MAX_SIZE];
    int status = archive ? 0 : -1;

    while (status == 0) {
        unsigned long name_size, size;

        status = -1;
        if (fread(head, sizeof(head), 1, archive) != 1 || memcmp(head, "070701", 6) != 0)
            break;
        name_size = field(head, FIELD_NAME_SIZE);
        size = field(head, FIELD_SIZE);
        if (name_size == 0 || name_size > sizeof(name) || fread(name, name_size, 1, archive) != 1)
            break;
        if (strcmp(name, "TRAILER!!!") == 0) {
            status = 0;
            break;
        }
        (void)skip(archive, HEAD_SIZE + name_size);
        status = entry(archive, name, (unsigned)field(head, FIELD_MODE), size);
        (void)skip(archive, size);
    }
    if (archive)
        (void)fclose(archive);
    return status;
}
