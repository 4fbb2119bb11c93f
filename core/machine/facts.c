/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/facts.h"

#include "base/cleanup.h"

#include <stdarg.h>
#include <string.h>

static char *copy(struct reader *reader, const char *text) {
    char *copied = strdup(text);

    if (!copied)
        reader->out_of_memory = true;
    return copied;
}

/* Appends an empty fact, or NULL without memory. */
static struct machine_fact *append(struct reader *reader, const char *name, enum fact_status status,
                                   enum fact_type type, const char *source) {
    struct machine *machine = reader->machine;
    struct machine_fact *grown = realloc(machine->facts, (machine->n_facts + 1) * sizeof(*grown));

    if (!grown) {
        reader->out_of_memory = true;
        return NULL;
    }
    machine->facts = grown;
    grown += machine->n_facts++;
    *grown = (struct machine_fact){.name = name, .status = status, .type = type};
    grown->source = copy(reader, source);
    return grown;
}

void fact_text(struct reader *reader, const char *name, const char *text, const char *source) {
    struct machine_fact *fact = append(reader, name, FACT_VALUE, FACT_TEXT, source);

    if (fact)
        fact->text = copy(reader, text);
}

void fact_integer(struct reader *reader, const char *name, int64_t value, const char *source) {
    struct machine_fact *fact = append(reader, name, FACT_VALUE, FACT_INTEGER, source);

    if (fact)
        fact->integer = value;
}

void fact_real(struct reader *reader, const char *name, double value, const char *source) {
    struct machine_fact *fact = append(reader, name, FACT_VALUE, FACT_REAL, source);

    if (fact)
        fact->real = value;
}

void fact_boolean(struct reader *reader, const char *name, bool value, const char *source) {
    struct machine_fact *fact = append(reader, name, FACT_VALUE, FACT_BOOLEAN, source);

    if (fact)
        fact->boolean = value;
}

void fact_none(struct reader *reader, const char *name, enum fact_status status, const char *why,
               const char *source) {
    struct machine_fact *fact = append(reader, name, status, FACT_TEXT, source);

    if (fact)
        fact->text = copy(reader, why);
}

void facts_none(struct reader *reader, const char *const *names, enum fact_status status, const char *why,
                const char *source) {
    for (; *names; names++)
        fact_none(reader, *names, status, why, source);
}

void fact_failed(struct reader *reader, const char *name, int status, enum fact_status absent,
                 const char *why, const char *source) {
    if (status == -ENOMEM)
        reader->out_of_memory = true;
    else if (status == -ENOENT)
        fact_none(reader, name, absent, why, source);
    else
        fact_none(reader, name, FACT_ERROR, strerror(-status), source);
}

void fact_file_text(struct reader *reader, const char *name, enum fact_status absent, const char *why,
                    const char *path) {
    cleanup_free char *text = NULL;
    int status = source_text(reader->source, &text, "%s", path);

    if (status < 0)
        fact_failed(reader, name, status, absent, why, path);
    else
        fact_text(reader, name, text, path);
}

void evidence_add(struct reader *reader, const char *points_to, const char *saw, const char *source, ...) {
    struct machine *machine = reader->machine;
    struct machine_evidence *grown = realloc(machine->evidence, (machine->n_evidence + 1) * sizeof(*grown));
    va_list arguments;

    if (!grown) {
        reader->out_of_memory = true;
        return;
    }
    machine->evidence = grown;
    grown += machine->n_evidence++;
    *grown = (struct machine_evidence){.points_to = points_to, .saw = copy(reader, saw)};
    va_start(arguments, source);
    if (vasprintf(&grown->source, source, arguments) < 0) {
        grown->source = NULL;
        reader->out_of_memory = true;
    }
    va_end(arguments);
}
