/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A survey collects facts and evidence into a machine. Running out of memory is remembered in it and reported
 * once, by machine_read. A fact is FACT_ERROR, whatever it was to be, where something that was read for it
 * since the last one could not be (source->trouble): less was seen than is there. */
#ifndef VMSUITE_CORE_FACTS_SURVEY_H
#define VMSUITE_CORE_FACTS_SURVEY_H

#include "facts/facts.h"
#include "source/source.h"

struct survey {
    const struct machine_source *source;
    struct machine *machine;
    bool out_of_memory;
};

/* Facts with a value. `name` is static, texts are copied; `source` names the file or instruction. */
void fact_text(struct survey *survey, const char *name, const char *text, const char *source);
void fact_integer(struct survey *survey, const char *name, int64_t value, const char *source);
void fact_real(struct survey *survey, const char *name, double value, const char *source);
void fact_boolean(struct survey *survey, const char *name, bool value, const char *source);

/* A fact without a value; `why` is a sentence. */
void fact_none(struct survey *survey, const char *name, enum fact_status status, const char *why,
               const char *source);

/* The same for a list of names that ends with NULL: what cannot be determined where something else is not
 * there. */
void facts_none(struct survey *survey, const char *const *names, enum fact_status status, const char *why,
                const char *source);

/* A fact that could not be read: -ENOENT becomes `absent` with `why`, any other errno FACT_ERROR with its
 * text; a lack of memory is remembered. */
void fact_failed(struct survey *survey, const char *name, int status, enum fact_status absent,
                 const char *why, const char *source);

/* A file's whole text as a fact; where it is not there, `absent` and `why`. */
void fact_file_text(struct survey *survey, const char *name, enum fact_status absent, const char *why,
                    const char *path);

/* Evidence; `points_to` is static or NULL. */
void evidence_add(struct survey *survey, const char *points_to, const char *saw, const char *source, ...)
    __attribute__((format(printf, 4, 5)));

#endif
