/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a guest prints on its console, in whatever pieces, its lines are taken or passed
 * over: texts stay ended and without control characters, and the guest goes on, but never back. */
#include "guest/boot/console.h"
#include "guest/exchange/host_counts.h"
#include "input.h"

#include <string.h>

#define PIECE 61 /* bytes that come at once */

static void check_text(const char *text, size_t size) {
    size_t length = strnlen(text, size);

    require(length < size);
    for (size_t i = 0; i < length; i++)
        require((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
}

static void read_line(void *context, const char *line) {
    struct host_counts counts;
    unsigned *n = context;

    (*n)++;
    check_text(line, CONSOLE_LINE_SIZE);
    (void)host_counts_parse(line, &counts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    unsigned n = 0;
    struct console console = {.exit_status = -1, .on_line = read_line, .context = &n};
    char tail[CONSOLE_LINES * CONSOLE_LINE_SIZE / 2];

    for (size_t at = 0; at < size; at += PIECE) {
        enum console_stage before = console.stage;

        console_feed(&console, (const char *)data + at, size - at < PIECE ? size - at : PIECE);
        require(console.stage >= before);
    }
    require(n == console.n_lines);
    check_text(console.reason, sizeof(console.reason));
    check_text(console.detected, sizeof(console.detected));
    console_tail(&console, tail, sizeof(tail));
    check_text(tail, sizeof(tail));
    return 0;
}
