/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which series belong together, found once for all of them. */
#include "base/cleanup.h"
#include "base/text.h"
#include "report/figures/series.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* What series of a kind have in common, as a text without a NUL; NULL without memory. */
static char *key_of(const struct series *series, enum series_kin kin) {
    switch (kin) {
    case SERIES_OF_METRIC:
        return text_new("%s\n%s", series->group, series->metric);
    case SERIES_OF_BARS:
        return text_new("%s\n%s %d", series->group, series->unit, (int)series->better);
    case SERIES_OF_CASE:
        return strdup(series->label);
    case SERIES_OF_GROUP:
    case SERIES_KINDS:
        break;
    }
    return strdup(series->group);
}

static bool belongs(const struct series *series, enum series_kin kin) {
    if (kin == SERIES_OF_BARS)
        return series->shape != VMS_DISTRIBUTION && !series_is_secondary(series);
    return kin != SERIES_OF_CASE || series->is_headline;
}

/* Puts a series behind the last of its kind. `lasts`: of each key. */
static int link_one(struct series_list *list, size_t index, enum series_kin kin, json_t *lasts) {
    struct series *series = &list->series[index];
    cleanup_free char *key = key_of(series, kin);
    const json_t *known = key ? json_object_get(lasts, key) : NULL;

    series->kin[kin].first = index;
    series->kin[kin].next = SIZE_MAX;
    if (!belongs(series, kin))
        return key ? 0 : -ENOMEM;
    if (known) {
        struct series *last = &list->series[json_integer_value(known)];

        series->kin[kin].first = last->kin[kin].first;
        last->kin[kin].next = index;
    }
    return !key || json_object_set_new_nocheck(lasts, key, json_integer((json_int_t)index)) < 0 ? -ENOMEM : 0;
}

/* The headline of its case is the first of those that are none, too. */
static void find_headlines(struct series_list *list, const json_t *lasts) {
    for (size_t i = 0; i < list->n_series; i++) {
        const json_t *last = json_object_get(lasts, list->series[i].label);

        if (last)
            list->series[i].kin[SERIES_OF_CASE].first =
                list->series[json_integer_value(last)].kin[SERIES_OF_CASE].first;
    }
}

int series_link(struct series_list *list) {
    int status = 0;

    for (int kin = 0; status == 0 && kin < SERIES_KINDS; kin++) {
        json_auto_t *lasts = json_object();

        for (size_t i = 0; status == 0 && i < list->n_series; i++)
            status = lasts ? link_one(list, i, (enum series_kin)kin, lasts) : -ENOMEM;
        if (status == 0 && kin == SERIES_OF_CASE)
            find_headlines(list, lasts);
    }
    return status;
}
