/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cut.h"

#include <string.h>

void cut_end(char *text, size_t size) {
    size_t length = size - sizeof(CUT_MARK);

    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80) /* in the middle of a character */
        length--;
    memcpy(text + length, CUT_MARK, sizeof(CUT_MARK));
}

void cut_copy(char *target, size_t size, const char *text) {
    size_t length = strlen(text);

    if (length < size) {
        memcpy(target, text, length + 1);
        return;
    }
    memcpy(target, text, size - 1);
    cut_end(target, size);
}
