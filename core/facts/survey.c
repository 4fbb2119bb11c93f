/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "facts/survey.h"

#include "base/cleanup.h"
#include "base/text.h"

#include <stdarg.h>
#include <string.h>

static char *copy(struct survey *survey, const char *text) {
    char *copied = strdup(text);

    if (!copied)
        survey->out_of_memory = true;
    return copied;
}

/* Appends an empty fact, or NULL without memory. */
static struct machine_fact *append(struct survey *survey, const char *name, enum fact_status status,
                                   enum fact_type type, const char *source) {
    struct machine *machine = survey->machine;
    struct machine_fact *grown = realloc(machine->facts, (machine->n_facts + 1) * sizeof(*grown));

    if (!grown) {
        survey->out_of_memory = true;
        return NULL;
    }
    machine->facts = grown;
    grown += machine->n_facts++;
    *grown = (struct machine_fact){.name = name, .status = status, .type = type};
    grown->source = copy(survey, source);
    return grown;
}

/* True where the fact became an error by what could not be read for it. */
static bool is_troubled(struct survey *survey, const char *name, const char *source) {
    struct source_trouble *trouble = survey->source->trouble;
    struct machine_fact *fact;

    if (!trouble || trouble->code == 0)
        return false;
    fact = append(survey, name, FACT_ERROR, FACT_TEXT, source);
    if (fact && !(fact->text = text_new("%s: %s", trouble->path, strerror(trouble->code))))
        survey->out_of_memory = true;
    trouble->code = 0;
    return true;
}

void fact_text(struct survey *survey, const char *name, const char *text, const char *source) {
    struct machine_fact *fact =
        is_troubled(survey, name, source) ? NULL : append(survey, name, FACT_VALUE, FACT_TEXT, source);

    if (fact)
        fact->text = copy(survey, text);
}

void fact_integer(struct survey *survey, const char *name, int64_t value, const char *source) {
    struct machine_fact *fact =
        is_troubled(survey, name, source) ? NULL : append(survey, name, FACT_VALUE, FACT_INTEGER, source);

    if (fact)
        fact->integer = value;
}

void fact_real(struct survey *survey, const char *name, double value, const char *source) {
    struct machine_fact *fact =
        is_troubled(survey, name, source) ? NULL : append(survey, name, FACT_VALUE, FACT_REAL, source);

    if (fact)
        fact->real = value;
}

void fact_boolean(struct survey *survey, const char *name, bool value, const char *source) {
    struct machine_fact *fact =
        is_troubled(survey, name, source) ? NULL : append(survey, name, FACT_VALUE, FACT_BOOLEAN, source);

    if (fact)
        fact->boolean = value;
}

void fact_none(struct survey *survey, const char *name, enum fact_status status, const char *why,
               const char *source) {
    struct machine_fact *fact =
        is_troubled(survey, name, source) ? NULL : append(survey, name, status, FACT_TEXT, source);

    if (fact)
        fact->text = copy(survey, why);
}

void facts_none(struct survey *survey, const char *const *names, enum fact_status status, const char *why,
                const char *source) {
    const struct source_trouble noted =
        survey->source->trouble ? *survey->source->trouble : (struct source_trouble){0};

    for (; *names; names++) {
        if (survey->source->trouble)
            *survey->source->trouble = noted;
        fact_none(survey, *names, status, why, source);
    }
}

void fact_failed(struct survey *survey, const char *name, int status, enum fact_status absent,
                 const char *why, const char *source) {
    if (status == -ENOMEM)
        survey->out_of_memory = true;
    else if (status == -ENOENT)
        fact_none(survey, name, absent, why, source);
    else
        fact_none(survey, name, FACT_ERROR, strerror(-status), source);
}

void fact_file_text(struct survey *survey, const char *name, enum fact_status absent, const char *why,
                    const char *path) {
    cleanup_free char *text = NULL;
    int status = source_text(survey->source, &text, "%s", path);

    if (status < 0)
        fact_failed(survey, name, status, absent, why, path);
    else
        fact_text(survey, name, text, path);
}

void evidence_add(struct survey *survey, const char *points_to, const char *saw, const char *source, ...) {
    struct machine *machine = survey->machine;
    struct machine_evidence *grown = realloc(machine->evidence, (machine->n_evidence + 1) * sizeof(*grown));
    va_list arguments;

    if (!grown) {
        survey->out_of_memory = true;
        return;
    }
    machine->evidence = grown;
    grown += machine->n_evidence++;
    *grown = (struct machine_evidence){.points_to = points_to, .saw = copy(survey, saw)};
    va_start(arguments, source);
    grown->source = text_new_from(source, arguments);
    va_end(arguments);
    survey->out_of_memory |= !grown->source;
}
