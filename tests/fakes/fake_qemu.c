/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In QEMU's place: says what a guest's first process says, and writes the file $FAKE_DISK to the disk of the
 * record. The first $FAKE_PANICS boots panic (they are counted in $FAKE_DISK.boots). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISK "file="
#define RECORD ",if=none,id=record,"

static int write_record(const char *word, const char *content) {
    char path[4096] = "", block[65536];
    FILE *from = fopen(content, "re"), *to;
    size_t count;

    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(word + strlen(DISK), ","), word + strlen(DISK));
    to = fopen(path, "r+e");
    while (from && to && (count = fread(block, 1, sizeof(block), from)) > 0)
        (void)fwrite(block, 1, count, to);
    return from && to && fclose(to) == 0 && fclose(from) == 0 ? 0 : -1;
}

/* How many boots there were, with this one. */
static long count_boots(const char *content) {
    char path[4096];
    FILE *file;
    long boots;

    (void)snprintf(path, sizeof(path), "%.4000s.boots", content);
    file = fopen(path, "ae");
    if (!file)
        return 0;
    (void)fputc('x', file);
    (void)fflush(file);
    boots = ftell(file);
    (void)fclose(file);
    return boots;
}

int main(int argc, char **argv) {
    const char *content = getenv("FAKE_DISK"), *panics = getenv("FAKE_PANICS");

    if (!content)
        return 2;
    if (count_boots(content) <= (panics ? atol(panics) : 0)) {
        puts("Kernel panic - not syncing: double fault");
        return 0;
    }
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], DISK, strlen(DISK)) == 0 && strstr(argv[i], RECORD) &&
            write_record(argv[i], content) < 0)
            return 2;
    puts("vmsuite-init: ready\nvmsuite-init: measuring\nvmsuite-init: measured, exit status 0\nvmsuite-init: "
         "power off");
    return 0;
}
