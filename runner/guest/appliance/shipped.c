/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/shipped.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "common/locate.h"
#include "guest/appliance/libraries.h"

#include <string.h>

int shipped_add_documents(struct archive *archive, const char *folder, const char *kind,
                          struct vms_error *error) {
    struct located_list list = {0};
    int status = locate_names(kind, &list, error);

    if (status < 0)
        return status;
    for (size_t i = 0; status == 0 && i < list.n_items; i++) {
        cleanup_free char *name = text_new("%s%s/%s.json", folder, kind, list.items[i].name);

        status = name ? archive_add_file(archive, name, list.items[i].path, 0644) : -ENOMEM;
    }
    located_list_done(&list);
    return status < 0 ? error_memory(error) : 0;
}

int shipped_add_modules(struct archive *archive, const char *folder, const struct module_list *modules,
                        bool with_libraries, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < modules->n_modules; i++) {
        const char *path = modules->modules[i].path;
        cleanup_free char *name = text_new("%s%s", folder, strrchr(path, '/'));

        if (!name || archive_add_file(archive, name, path, 0755) < 0)
            return error_memory(error);
        if (with_libraries)
            status = libraries_add(archive, path, NULL, error);
    }
    return status;
}
