/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "source/kernel_log.h"

#include "base/cleanup.h"
#include "base/text.h"

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

bool kernel_log_encryption(const char *message, char **ret_text) {
    /* Linux arch/x86/mm/mem_encrypt*.c and arch/x86/coco/tdx/tdx.c; what is behind the mark is said of
     * `maker`. */
    static const struct {
        const char *mark, *maker;
    } marks[] = {{"Memory Encryption Features active: ", ""},
                 {"AMD Memory Encryption Features active: ", "AMD "},
                 {"AMD Secure Encrypted Virtualization (SEV) active", "AMD SEV"},
                 {"AMD Secure Memory Encryption (SME) active", "AMD SME"},
                 {"tdx: Guest detected", "Intel TDX"}};

    for (size_t i = 0; i < VMS_LENGTH(marks); i++) {
        size_t length = strlen(marks[i].mark);

        if (strncmp(message, marks[i].mark, length) != 0)
            continue;
        *ret_text = text_new("%s%s", marks[i].maker, message + length);
        return true;
    }
    return false;
}

char *kernel_log_find_encryption(const struct machine_source *source) {
    cleanup_free char *text = kernel_log_read(source);
    char *line, *found = NULL, *rest = text;

    while (text && (line = strsep(&rest, "\n")))
        if (kernel_log_encryption(kernel_log_message(line), &found))
            return found;
    return NULL;
}
