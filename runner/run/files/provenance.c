/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/files/provenance.h"

#include "files/file.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void add_bytes(void *user, const unsigned char *bytes, size_t n) {
    (void)crypto_hash_sha256_update(user, bytes, n);
}

/* The SHA-256 of a file's bytes; "" where it cannot be read. */
static void digest_file(const char *path, char ret_text[static OUTCOME_DIGEST_SIZE]) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    ret_text[0] = '\0';
    (void)crypto_hash_sha256_init(&state);
    if (file_pieces(path, add_bytes, &state, NULL) < 0)
        return;
    (void)crypto_hash_sha256_final(&state, digest);
    (void)sodium_bin2hex(ret_text, OUTCOME_DIGEST_SIZE, digest, sizeof(digest));
}

static int note(const struct loaded_module *loaded, struct outcome_run *run) {
    struct outcome_module module = {.module = loaded->module, .is_shipped = loaded->is_shipped};
    int status;

    module.path = strdup(loaded->path);
    if (!module.path)
        return -ENOMEM;
    digest_file(module.path, module.sha256);
    status = outcome_run_add_module(run, &module);
    free(module.path);
    if (status == 0 && !loaded->is_shipped && loaded->hides)
        status = outcome_run_warn(run, "module \"%s\" is %s, not the one that this program came with, %s",
                                  loaded->module->name, loaded->path, loaded->hides);
    return status;
}

int provenance_note(const struct module_list *modules, struct outcome_run *run) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < run->n_cases; i++)
        for (size_t k = 0; status == 0 && k < modules->n_modules; k++)
            if (modules->modules[k].module == run->cases[i].module &&
                !outcome_run_module(run, run->cases[i].module))
                status = note(&modules->modules[k], run);
    return status;
}
