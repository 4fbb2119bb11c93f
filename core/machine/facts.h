/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Collecting facts and evidence into a machine. Running out of memory is remembered in the reader and told
 * once, by machine_read. */
#ifndef VMSUITE_CORE_MACHINE_FACTS_H
#define VMSUITE_CORE_MACHINE_FACTS_H

#include "machine/source.h"

struct reader {
    const struct machine_source *source;
    struct machine *machine;
    bool out_of_memory;
};

/* Facts with a value. `name` is static, texts are copied; `source` names the file or instruction. */
void fact_text(struct reader *reader, const char *name, const char *text, const char *source);
void fact_integer(struct reader *reader, const char *name, int64_t value, const char *source);
void fact_real(struct reader *reader, const char *name, double value, const char *source);
void fact_boolean(struct reader *reader, const char *name, bool value, const char *source);

/* A fact without a value; `why` is a sentence. */
void fact_none(struct reader *reader, const char *name, enum fact_status status, const char *why,
               const char *source);

/* The same for a list of names that ends with NULL: what cannot be told where something else is not there. */
void facts_none(struct reader *reader, const char *const *names, enum fact_status status, const char *why,
                const char *source);

/* A fact that could not be read: -ENOENT becomes `absent` with `why`, any other errno FACT_ERROR with its
 * text; a lack of memory is remembered. */
void fact_failed(struct reader *reader, const char *name, int status, enum fact_status absent,
                 const char *why, const char *source);

/* A file's whole text as a fact; where it is not there, `absent` and `why`. */
void fact_file_text(struct reader *reader, const char *name, enum fact_status absent, const char *why,
                    const char *path);

/* Evidence; `points_to` is static or NULL. */
void evidence_add(struct reader *reader, const char *points_to, const char *saw, const char *source, ...)
    __attribute__((format(printf, 4, 5)));

/* Where each subject's facts are read. */
void read_virtualization(struct reader *reader); /* virtualization.c */
void read_container(struct reader *reader);
void read_cpu(struct reader *reader);
void read_memory(struct reader *reader);
void read_kernel(struct reader *reader);
void read_storage(struct reader *reader, const char *scratch);
void read_network(struct reader *reader);
void read_drivers(struct reader *reader);

#endif
