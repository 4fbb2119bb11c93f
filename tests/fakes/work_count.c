/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts what a program does, as not every machine counts instructions: how often texts are compared,
 * measured and copied. Preloaded; the sum goes into the file that VMSUITE_WORK_COUNT names at the end. */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))
#define NAMED(type, name, ...) EXPORT type count_##name(__VA_ARGS__) __asm__(#name)

NAMED(int, strcmp, const char *a, const char *b);
NAMED(int, strncmp, const char *a, const char *b, size_t length);
NAMED(int, memcmp, const void *a, const void *b, size_t length);
NAMED(size_t, strlen, const char *text);
NAMED(char *, strdup, const char *text);

static unsigned long long count;

int count_strcmp(const char *a, const char *b) {
    count++;
    for (; *a && *a == *b; a++)
        b++;
    return (unsigned char)*a - (unsigned char)*b;
}

int count_strncmp(const char *a, const char *b, size_t length) {
    count++;
    for (; length > 0 && *a && *a == *b; a++, b++)
        length--;
    return length > 0 ? (unsigned char)*a - (unsigned char)*b : 0;
}

int count_memcmp(const void *a, const void *b, size_t length) {
    const unsigned char *x = a, *y = b;

    count++;
    for (; length > 0 && *x == *y; x++, y++)
        length--;
    return length > 0 ? *x - *y : 0;
}

size_t count_strlen(const char *text) {
    const char volatile *end = text;

    count++;
    while (*end)
        end++;
    return (size_t)(end - (const char volatile *)text);
}

char *count_strdup(const char *text) {
    size_t size = count_strlen(text) + 1;
    char *copy = malloc(size);

    for (size_t i = 0; copy && i < size; i++)
        copy[i] = text[i];
    return copy;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("VMSUITE_WORK_COUNT");
    char text[32];
    int length = snprintf(text, sizeof(text), "%llu\n", count);
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;

    if (fd >= 0) {
        (void)!write(fd, text, (size_t)length);
        (void)close(fd);
    }
}
