/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/openmetrics_family.h"

#include "base/cleanup.h"
#include "record/file/temporary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CASE_MARK '='

#define RECENT_SIZE ((size_t)1 << 15)

static FILE *open_points(void) {
    int fd = temporary_open();
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w+");

    if (fd >= 0 && !file)
        (void)close(fd);
    return file;
}

struct family *family_find(struct family_list *list, char *name, const char *unit, bool is_summary) {
    struct family *grown;

    for (size_t i = 0; i < list->n_families; i++)
        if (strcmp(list->families[i].name, name) == 0) {
            free(name);
            return &list->families[i];
        }
    grown = reallocarray(list->families, list->n_families + 1, sizeof(*grown));
    if (grown)
        list->families = grown;
    if (grown) {
        grown += list->n_families;
        *grown =
            (struct family){.name = name, .unit = unit, .is_summary = is_summary, .points = open_points()};
    }
    if (!grown || !grown->points) {
        free(name);
        return NULL;
    }
    list->n_families++;
    return grown;
}

void family_begin_case(struct family *family, size_t number, const struct buffer *labels) {
    struct buffer *out = &family->recent;

    if (family->of_case == number)
        return;
    buffer_add_char(out, CASE_MARK);
    buffer_add(out, labels->bytes, labels->length);
    buffer_add_char(out, '\n');
    family->of_case = number;
}

int family_keep(struct family *family, bool now) {
    const size_t length = family->recent.length;

    if (family->recent.failed)
        return -ENOMEM;
    if (length == 0 || (length < RECENT_SIZE && !now))
        return 0;
    family->recent.length = 0;
    return fwrite(family->recent.bytes, 1, length, family->points) == length ? 0 : -EIO;
}

/* Writes a line of a family as the point that it is, or keeps the labels that it holds. */
static void put_line(struct buffer *out, const struct family *family, const char *line, size_t length,
                     struct buffer *case_labels) {
    const char *rest;

    if (*line == CASE_MARK) {
        case_labels->length = 0;
        buffer_add(case_labels, line + 1, length - 2); /* without the line feed */
        return;
    }
    rest = strchr(line, '{') + 1;
    buffer_add_text(out, family->name);
    buffer_add(out, line, (size_t)(rest - line));
    buffer_add(out, case_labels->bytes, case_labels->length);
    buffer_add(out, rest, length - (size_t)(rest - line));
}

static void put_head(struct buffer *out, const struct family *family) {
    buffer_add_text(out, "# TYPE ");
    buffer_add_text(out, family->name);
    buffer_add_text(out, family->is_summary ? " summary\n# UNIT " : " gauge\n# UNIT ");
    buffer_add_text(out, family->name);
    buffer_add_char(out, ' ');
    buffer_add_text(out, family->unit);
    buffer_add_char(out, '\n');
}

static int copy_points(struct export *export, struct family *family, struct buffer *labels) {
    cleanup_free char *line = NULL;
    size_t size = 0;
    ssize_t length;
    int status = family_keep(family, true);

    rewind(family->points);
    while (status == 0 && (length = getline(&line, &size, family->points)) > 0) {
        put_line(&export->out, family, line, (size_t)length, labels);
        status = labels->failed ? -ENOMEM : export_flush(export, false);
    }
    return status == 0 && !feof(family->points) ? -EIO : status;
}

int family_put(struct export *export, struct family *family, struct buffer *labels) {
    put_head(&export->out, family);
    return copy_points(export, family, labels);
}

void family_list_done(struct family_list *list) {
    for (size_t i = 0; i < list->n_families; i++) {
        (void)fclose(list->families[i].points);
        buffer_done(&list->families[i].recent);
        free(list->families[i].name);
    }
    free(list->families);
}
