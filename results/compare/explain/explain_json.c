/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/explain/explain.h"

#include "base/cleanup.h"
#include "record/value.h"

#include <math.h>

/* Those that were counted by themselves. */
static json_t *new_reasons(const struct explanation *found) {
    json_t *array = json_array();
    int failed = 0;

    for (size_t i = 0; i < HOST_REASONS; i++) {
        json_t *json;

        if (isnan(found->reasons_per_s[i]))
            continue;
        json = json_object();
        failed |= value_set(json, "fact", value_text(host_reasons[i].fact));
        failed |= value_set(json, "per_s", value_number(found->reasons_per_s[i]));
        failed |= value_set(json, "each_s", value_number(found->prices.reason_s[i]));
        failed |= json_array_append_new(array, json);
    }
    return value_finish(array, failed);
}

json_t *explain_json(const struct comparison *comparison, const struct compare_row *row) {
    cleanup_free char *sentence = NULL;
    struct explanation found;
    json_t *json;
    int failed = 0;

    if (!explain_wants(row))
        return json_null();
    explain_row(comparison, row, &found);
    sentence = explain_sentence(comparison, row);
    json = json_object();
    failed |= value_set(json, "added", value_number(found.added));
    failed |= value_set(json, "exits", value_number(found.exits));
    failed |= value_set(json, "exits_per_s", value_number(found.exits_per_s));
    failed |= value_set(json, "exit_s", value_number(found.prices.exit_s));
    failed |= value_set(json, "device_exits_per_s", value_number(found.device_exits_per_s));
    failed |= value_set(json, "device_exit_s", value_number(found.prices.device_s));
    failed |= value_set(json, "reasons", new_reasons(&found));
    failed |= value_set(json, "switches_per_s", value_number(found.switches_per_s));
    failed |= value_set(json, "processor", value_number(found.processor));
    failed |= value_set(json, "baseline_processors", value_number(found.processors[0]));
    failed |= value_set(json, "other_processors", value_number(found.processors[1]));
    failed |= value_set(json, "in_guest", value_number(found.in_guest));
    failed |= value_set(json, "stalls", value_number(found.stalls));
    failed |= value_set(json, "steal", value_number(found.steal));
    failed |= value_set(json, "hidden", value_number(found.hidden));
    failed |= value_set(json, "unexplained", value_number(found.unexplained));
    failed |= value_set(json, "sentence", value_text(sentence));
    return value_finish(json, failed);
}
