/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a captured machine's files hold, it is read and judged, and what names its owner
 * is taken out of them, without a crash or a hang. The tree lies in memory (memory_files.c); what links and
 * file systems can do is fuzz_capture's. */
#include "check_machine.h"
#include "input.h"
#include "memory_files.h"
#include "source/scrub.h"

#include <stdlib.h>

static void scrub(const char *path, const char *bytes, size_t size) {
    size_t kept_size;
    char *kept, *text = malloc(size + 1); /* with a NUL behind it, as sources read it */

    require(text != NULL);
    for (size_t i = 0; i < size; i++)
        text[i] = bytes[i];
    text[size] = '\0';
    require(scrub_file(path, "host", text, size, &kept, &kept_size) == 0 && kept);
    free(kept);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct machine_source source = machine_source_at("/memory");

    memory_tree(data, size);
    check_machine(&source);
    memory_each_file(scrub);
    return 0;
}
