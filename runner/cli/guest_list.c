/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"
#include "cli/guest.h"
#include "guest/launchers/launcher.h"

#include <stdio.h>
#include <string.h>

static void list_all(void) {
    for (size_t i = 0; launchers[i]; i++) {
        struct vms_error error = {""};
        bool usable = launchers[i]->available(&error) == 0;

        printf("%-14s %s%s\n", launchers[i]->name,
               usable ? "usable: " : "not usable: ", usable ? launchers[i]->summary : error.text);
        if (launchers[i]->untested)
            printf("%-14s (written against its documentation; not yet run on the real thing)\n", "");
    }
}

static void print_param(const struct launcher *launcher, const struct guest_param *param) {
    if ((launcher->abilities & param->abilities) != param->abilities)
        return;
    printf("  %s", param->name);
    for (size_t i = 0; param->kind == GUEST_CHOICE && param->choices[i]; i++)
        printf("%s%s", i == 0 ? " (" : ", ", param->choices[i]);
    printf("%s%s%s\n      %s\n", param->kind == GUEST_CHOICE ? ")" : "", param->fallback ? ", default " : "",
           param->fallback ? param->fallback : "", param->sentence);
}

/* What a configuration's "guest" section may say for this launcher. */
static void print_launcher(const struct launcher *launcher) {
    printf("%s: %s\n  launcher (%s)\n      What boots the guest.\n", launcher->name, launcher->summary,
           launcher->name);
    for (size_t i = 0; launcher_has_choice(launcher) && launcher->kinds[i].name; i++)
        printf("%s%s", i == 0 ? "  kind (" : ", ", launcher->kinds[i].name);
    if (launcher_has_choice(launcher))
        printf("), default %s\n      What is booted.\n", launcher->kinds[0].name);
    for (size_t i = 0; i < guest_n_params; i++)
        print_param(launcher, &guest_params[i]);
    for (size_t i = 0; launcher->params && launcher->params[i].name; i++)
        print_param(launcher, &launcher->params[i]);
}

static int refuse(const struct cli_command *command, const char *name) {
    const char *names[LAUNCHERS_MAX];
    char phrase[SUGGEST_SIZE];
    size_t n = 0;

    for (; launchers[n]; n++)
        names[n] = launchers[n]->name;
    return command_fail(command, EXIT_USAGE, "no launcher \"%s\"%s", name,
                        suggest_phrase(name, names, n, phrase));
}

static int run(const struct cli_command *command, void *arguments, const struct words *words) {
    const struct launcher *launcher = words->n_words > 0 ? launcher_find(words->words[0]) : NULL;

    (void)arguments;
    if (words->n_words > 0 && !launcher)
        return refuse(command, words->words[0]);
    if (launcher)
        print_launcher(launcher);
    else
        list_all();
    return EXIT_DONE;
}

const struct cli_command guest_list = {
    .name = "guest list",
    .summary = "show which launchers can be used here, and what a launcher takes",
    .description =
        "Shows which launchers can be used here, and why others cannot. With a launcher's name: what a "
        "configuration's \"guest\" section may say for it, with defaults and meaning.",
    .operands = {.usage = "[LAUNCHER]", .max = 1},
    .statuses = (const enum exit_status[]){EXIT_USAGE, EXIT_DONE},
    .run = run,
};
