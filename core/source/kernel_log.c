/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/kernel_log.h"

#include "base/cleanup.h"

#include <string.h>
#include <sys/klog.h>

/* syslog(2): read all, and the size of the buffer. */
#define READ_ALL 3
#define SIZE_BUFFER 10

char *kernel_log_read(const struct machine_source *source) {
    char *text = NULL;
    int size, length;

    if (!source_is_live(source))
        return source_text(source, &text, "/dev/kmsg") == 0 ? text : NULL;
    size = klogctl(SIZE_BUFFER, NULL, 0);
    text = size > 0 ? malloc((size_t)size + 1) : NULL;
    length = text ? klogctl(READ_ALL, text, size) : -1;
    if (length < 0) {
        free(text);
        return NULL;
    }
    text[length] = '\0';
    return text;
}

const char *kernel_log_message(const char *line) {
    if (*line == '<' && strchr(line, '>'))
        line = strchr(line, '>') + 1;
    if (*line == '[' && strchr(line, ']'))
        line = strchr(line, ']') + 1;
    return line + strspn(line, " ");
}

char *kernel_log_find(const struct machine_source *source, const char *mark) {
    cleanup_free char *text = kernel_log_read(source);
    char *line, *rest = text;

    while (text && (line = strsep(&rest, "\n"))) {
        const char *message = kernel_log_message(line);

        if (strncmp(message, mark, strlen(mark)) == 0)
            return strdup(message);
    }
    return NULL;
}
