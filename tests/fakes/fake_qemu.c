/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In QEMU's place: says what a guest's first process says, and writes the file $FAKE_DISK to the disk of the
 * record. The first $FAKE_PANICS boots panic (they are counted in $FAKE_DISK.boots), with the words
 * $FAKE_PANIC. $FAKE_HANG is the word behind "vmsuite-init: " at which the guest stands still; $FAKE_WORDS a
 * file for QEMU's words, each with a NUL behind it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK "file="
#define RECORD ",if=none,id=record,"

/* A value of QEMU's options: to the first comma that is not doubled. */
static void take_value(const char *text, char *value, size_t size) {
    size_t length = 0;

    for (; *text && length + 1 < size; text++) {
        if (*text == ',' && *++text != ',')
            break;
        value[length++] = *text;
    }
    value[length] = '\0';
}

static int write_record(const char *word, const char *content) {
    char path[4096] = "", block[65536];
    FILE *from = fopen(content, "re"), *to;
    size_t count;

    take_value(word + strlen(DISK), path, sizeof(path));
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

static void say(const char *words) {
    const char *last = getenv("FAKE_HANG");

    printf("vmsuite-init: %s\n", words);
    (void)fflush(stdout);
    while (last && strcmp(last, words) == 0)
        (void)pause();
}

static void keep_words(int argc, char **argv) {
    const char *path = getenv("FAKE_WORDS");
    FILE *file = path ? fopen(path, "we") : NULL;

    for (int i = 0; file && i < argc; i++)
        (void)fwrite(argv[i], 1, strlen(argv[i]) + 1, file);
    if (file)
        (void)fclose(file);
}

int main(int argc, char **argv) {
    const char *content = getenv("FAKE_DISK"), *panics = getenv("FAKE_PANICS");

    if (!content)
        return 2;
    if (argc > 2) /* not where only its version is asked */
        keep_words(argc, argv);
    if (count_boots(content) <= (panics ? atol(panics) : 0)) {
        const char *panic = getenv("FAKE_PANIC");

        printf("Kernel panic - not syncing: %s\n", panic ? panic : "double fault");
        return 0;
    }
    for (int i = 1; i < argc; i++)
        if (strncmp(argv[i], DISK, strlen(DISK)) == 0 && strstr(argv[i], RECORD) &&
            write_record(argv[i], content) < 0)
            return 2;
    say("ready");
    say("measuring");
    say("measured, exit status 0");
    say("power off");
    return 0;
}
