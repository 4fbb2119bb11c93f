/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Configurations (documents.c), with the suites that they hold or name. */
#include "base/name.h"
#include "documents.h"
#include "documents/configuration.h"
#include "input.h"

void document_try(const struct document *document, const struct module_list *modules) {
    const struct configuration_overrides none = {0};
    size_t before = document->problems->n_problems; /* keys that appear twice */
    struct configuration configuration = {0};
    int status = configuration_read_from(document, &none, modules, &configuration);

    require((status == 0) == (document->problems->n_problems == before));
    if (status == 0)
        require(name_is_safe(configuration.name) && configuration.suite_json);
    configuration_done(&configuration);
}
