/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/set_comparison.h"

#include "base/error.h"
#include "compare/compare.h"
#include "compare/formats/formats.h"
#include "compare/load.h"
#include "run/set/set_records.h"

int set_comparison_print(FILE *file, const char *folder, const char *set_id, const char *baseline,
                         struct vms_error *error) {
    struct set_records records = {0};
    struct comparison *comparison = NULL;
    int status = set_records_find(folder, set_id, baseline, &records, error);

    if (status == 0 && records.n_baseline > 0 && records.n_baseline < records.n_paths) {
        comparison = compare_new(&compare_defaults);
        status = comparison
                     ? compare_load(comparison, records.paths, records.n_paths, records.n_baseline, error)
                     : error_memory(error);
        if (status == 0)
            status = compare_write(file, comparison, "table", &(struct compare_view){.colour = false}, error);
    }
    compare_free(comparison);
    set_records_done(&records);
    return status;
}
