/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A build with -Dguests=disabled: no place is a guest, so that but for the first of these nothing is
 * called. */
#include "base/error.h"
#include "guest/driven/driven_guest.h"
#include "guest/launchers/launcher.h"

#include <errno.h>

int driven_guest_new(const struct guest_settings *settings, const struct module_list *modules,
                     const struct driven_guest *other, struct driven_guest **ret_guest,
                     struct vms_error *error) {
    (void)settings;
    (void)modules;
    (void)other;
    (void)ret_guest;
    return error_set(error, -ENOTSUP, LAUNCHERS_NONE);
}

int driven_guest_prepare(struct driven_guest *guest, struct argv *command, struct vms_error *error) {
    (void)guest;
    (void)command;
    return error_set(error, -ENOTSUP, LAUNCHERS_NONE);
}

void driven_guest_started(struct driven_guest *guest, pid_t pid) {
    (void)guest;
    (void)pid;
}

void driven_guest_hear(struct driven_guest *guest, const char *bytes, size_t size) {
    (void)guest;
    (void)bytes;
    (void)size;
}

int driven_guest_answered(struct driven_guest *guest, struct vms_error *error) {
    (void)guest;
    return error_set(error, -ENOTSUP, LAUNCHERS_NONE);
}

void driven_guest_trial(struct driven_guest *guest, unsigned case_id, unsigned trial, bool ends) {
    (void)guest;
    (void)case_id;
    (void)trial;
    (void)ends;
}

void driven_guest_measured(struct driven_guest *guest) {
    (void)guest;
}

bool driven_guest_has_stopped(const struct driven_guest *guest) {
    (void)guest;
    return false;
}

bool driven_guest_hold(struct driven_guest *guest, bool still) {
    (void)guest;
    (void)still;
    return false;
}

void driven_guest_words(const struct driven_guest *guest, char *ret_words, size_t size) {
    (void)guest;
    if (size > 0)
        *ret_words = '\0';
}

const char *driven_guest_folder(const struct driven_guest *guest) {
    (void)guest;
    return NULL;
}

void driven_guest_end(struct driven_guest *guest) {
    (void)guest;
}

int driven_guest_describe(const struct driven_guest *guest, const char *name, json_t *record) {
    (void)guest;
    (void)name;
    (void)record;
    return 0;
}

int driven_guest_host(const struct guest_settings *settings, char *ret_bind, char *ret_host, size_t size,
                      struct vms_error *error) {
    (void)settings;
    (void)ret_bind;
    (void)ret_host;
    (void)size;
    return error_set(error, -ENOTSUP, LAUNCHERS_NONE);
}

void driven_guest_free(struct driven_guest *guest) {
    (void)guest;
}
