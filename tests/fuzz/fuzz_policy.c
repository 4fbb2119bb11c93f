/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies (documents.c): limits are shares, or none. */
#include "compare/gate.h"
#include "documents.h"
#include "input.h"

#include <math.h>

static bool is_share(double limit) {
    return isnan(limit) || (limit >= 0 && limit <= 1);
}

static void check(const struct compare_gate *gate) {
    const struct gate_subject subject = {"memory", "stream", "stream", "triad"};

    require(is_share(gate->fail_above));
    for (size_t i = 0; i < gate->n_rules; i++)
        require(is_share(gate->rules[i].fail_above));
    (void)gate_find_rule(gate, &subject);
}

void document_try(const struct document *document, const struct module_list *modules) {
    struct compare_gate gate = {.fail_above = NAN};
    struct vms_error error = {""};
    double margin = 0.03;
    int status = gate_read(document->json, &gate, &margin, &error);

    (void)modules;
    require((status < 0) == (error.text[0] != '\0'));
    if (status == 0) {
        require(margin > 0 && margin <= 1);
        check(&gate);
    }
    gate_done(&gate);
}
