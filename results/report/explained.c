/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes together with each loss, as far as the runs themselves have counted it. */
#include "compare/explain/explain.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <stdlib.h>

static void write_owned(FILE *file, const char *tag, char *owned) {
    html_element(file, tag, owned ? owned : "");
    fputc('\n', file);
    free(owned);
}

void report_explained(FILE *file, const struct report *report) {
    const struct comparison *comparison = report->comparison;

    if (!comparison || !explain_knows(comparison))
        return;
    fputs("<details class=\"part\" id=\"why\"><summary><h2>Why: what goes together with each "
          "loss</h2></summary>\n"
          "<ul>\n",
          file);
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (explain_wants(&comparison->rows[i]))
            write_owned(file, "li", explain_sentence(comparison, &comparison->rows[i]));
    fputs("</ul>\n", file);
    write_owned(file, "p", explain_note(comparison));
    fputs("</details>\n", file);
}
