/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/source.h"

#include "base/cleanup.h"
#include "source/files.h"
#include "source/recorder.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* Formats a path; false where it does not fit. */
static bool format_path(char path[static PATH_MAX], const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static bool format_path(char path[static PATH_MAX], const char *format, va_list arguments) {
    int length = vsnprintf(path, PATH_MAX, format, arguments);

    return length > 0 && length < PATH_MAX;
}

#define FORMAT_PATH(path, format)                                                                            \
    __extension__({                                                                                          \
        va_list arguments_;                                                                                  \
        va_start(arguments_, format);                                                                        \
        bool fits_ = format_path(path, format, arguments_);                                                  \
        va_end(arguments_);                                                                                  \
        fits_;                                                                                               \
    })

int source_note(const struct machine_source *source, const char *path, int status) {
    static const int codes[] = {-EIO, -EMFILE, -ENFILE, -ENOMEM};

    for (size_t i = 0; source->trouble && source->trouble->code == 0 && i < VMS_LENGTH(codes); i++)
        if (status == codes[i]) {
            source->trouble->code = -status;
            (void)snprintf(source->trouble->path, sizeof(source->trouble->path), "%s", path);
        }
    return status;
}

static int bytes_of(const struct machine_source *source, size_t limit, char **ret_bytes, size_t *ret_size,
                    const char *path) {
    int status = source_note(source, path, files_bytes(source, path, limit, ret_bytes, ret_size));

    if (status == 0)
        recorder_bytes(source->recorder, path, *ret_bytes, *ret_size);
    return status;
}

int source_bytes(const struct machine_source *source, size_t limit, char **ret_bytes, size_t *ret_size,
                 const char *format, ...) {
    char path[PATH_MAX];

    if (!FORMAT_PATH(path, format))
        return -ENAMETOOLONG;
    return bytes_of(source, limit, ret_bytes, ret_size, path);
}

void source_clean_text(char *text) {
    size_t size = strlen(text);

    while (size > 0 && isspace((unsigned char)text[size - 1]))
        text[--size] = '\0';
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte >= 0x80)
            text[i] = '?';
        else if (iscntrl(byte) && byte != '\n' && byte != '\t')
            text[i] = ' ';
    }
}

static int text_of(const struct machine_source *source, char **ret_text, const char *path) {
    size_t size;
    char *text;
    int status = bytes_of(source, SOURCE_TEXT_MAX, &text, &size, path);

    if (status < 0)
        return status;
    source_clean_text(text);
    *ret_text = text;
    return 0;
}

int source_text(const struct machine_source *source, char **ret_text, const char *format, ...) {
    char path[PATH_MAX];

    if (!FORMAT_PATH(path, format))
        return -ENAMETOOLONG;
    return text_of(source, ret_text, path);
}

int source_parse_integer(const char *text, int64_t *ret_value) {
    char *end;
    long long value;
    int shift;

    errno = 0;
    value = strtoll(text, &end, 10);
    if (end == text || errno != 0)
        return -EINVAL;
    shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (shift)
        end++;
    if (*end != '\0' || value > INT64_MAX >> shift || value < INT64_MIN >> shift)
        return -EINVAL;
    *ret_value = (int64_t)value * (INT64_C(1) << shift);
    return 0;
}

int source_integer(const struct machine_source *source, int64_t *ret_value, const char *format, ...) {
    cleanup_free char *text = NULL;
    char path[PATH_MAX];
    int status;

    if (!FORMAT_PATH(path, format))
        return -ENAMETOOLONG;
    status = text_of(source, &text, path);
    return status < 0 ? status : source_parse_integer(text, ret_value);
}

int source_link(const struct machine_source *source, char **ret_name, const char *format, ...) {
    char path[PATH_MAX], target[PATH_MAX];
    const char *name;
    int status;

    if (!FORMAT_PATH(path, format))
        return -ENAMETOOLONG;
    status = source_note(source, path, files_link(source, path, target));
    if (status < 0)
        return status;
    name = strrchr(target, '/');
    name = name ? name + 1 : target;
    recorder_link(source->recorder, path, name);
    *ret_name = strdup(name);
    return *ret_name ? 0 : -ENOMEM;
}

bool source_exists(const struct machine_source *source, const char *format, ...) {
    char path[PATH_MAX];
    bool exists = FORMAT_PATH(path, format) && source_note(source, path, files_exists(source, path)) == 0;

    if (exists)
        recorder_presence(source->recorder, path);
    return exists;
}

int source_inode(const struct machine_source *source, uint64_t *ret_inode, const char *format, ...) {
    char path[PATH_MAX];

    return FORMAT_PATH(path, format) ? source_note(source, path, files_inode(source, path, ret_inode))
                                     : -ENAMETOOLONG;
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void capture_names(const struct machine_source *source, const char *folder,
                          const struct source_names *names) {
    for (size_t i = 0; source->recorder && i < names->n_names; i++) {
        char path[PATH_MAX];
        int length = snprintf(path, sizeof(path), "%s/%s", folder, names->names[i]);

        if (length > 0 && length < PATH_MAX)
            recorder_presence(source->recorder, path);
    }
}

int source_list(const struct machine_source *source, struct source_names *ret_names, const char *format,
                ...) {
    struct source_names names = {0};
    char path[PATH_MAX];
    int status;

    if (!FORMAT_PATH(path, format))
        return -ENAMETOOLONG;
    status = source_note(source, path, files_names(source, path, &names));
    if (status < 0) {
        source_names_done(&names);
        return status;
    }
    if (names.n_names > 1)
        qsort(names.names, names.n_names, sizeof(*names.names), compare_names);
    capture_names(source, path, &names);
    *ret_names = names;
    return 0;
}

void source_names_done(struct source_names *names) {
    for (size_t i = 0; i < names->n_names; i++)
        free(names->names[i]);
    free(names->names);
    *names = (struct source_names){0};
}
