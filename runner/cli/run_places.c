/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/run_places.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/exit_status.h"
#include "output/terminal.h"
#include "places/kinds/sweep.h"
#include "places/place_visits.h"
#include "run/set/run_set.h"

#include <string.h>

/* A configuration that says itself where it is measured is not measured beside others. */
static int check_alone(const struct run_places *places, struct vms_error *error) {
    for (size_t i = 0; places->n_configurations > 1 && i < places->n_configurations; i++)
        if (places->configurations[i].n_places > 0)
            return error_set(error, -EINVAL,
                             "configuration \"%s\" names places: it is run alone, not with others",
                             places->configurations[i].name);
    return 0;
}

int run_places_read(const struct words *on, const char *peer, const struct configuration *configurations,
                    size_t n_configurations, struct run_places *ret_places, struct vms_error *error) {
    size_t n = on->n_words > 0 ? on->n_words : configurations[0].n_places;
    struct argv texts = {0};
    int status;

    *ret_places = (struct run_places){.configurations = configurations, .n_configurations = n_configurations};
    status = on->n_words > 0 ? 0 : check_alone(ret_places, error);
    for (size_t i = 0; status == 0 && i < n; i++)
        status = sweep_expand(on->n_words > 0 ? on->words[i] : configurations[0].places[i], &texts, error);
    if (status == 0 && texts.n_words > PLACES_MAX)
        status = error_set(error, -E2BIG, "more than %d places", PLACES_MAX);
    for (size_t i = 0; status == 0 && i < texts.n_words; i++) {
        status = place_read(texts.words[i], &ret_places->places[ret_places->n_places], error);
        ret_places->n_places += status == 0;
    }
    argv_done(&texts);
    if (status == 0 && peer)
        status = place_read(peer, &ret_places->peer, error);
    if (status == 0 && places_name(ret_places->places, ret_places->n_places) < 0)
        status = error_memory(error);
    return status;
}

void run_places_done(struct run_places *places) {
    for (size_t i = 0; i < places->n_places; i++)
        place_done(&places->places[i]);
    if (places->peer.kind)
        place_done(&places->peer);
    *places = (struct run_places){.n_places = 0};
}

/* Of those that are visited, what can be known before. */
static int check_visits(const struct run_places *places, const struct measure_options *options,
                        struct vms_error *error) {
    return place_visits_check(
        &(const struct measure_places_request){.configuration = places->configurations,
                                               .places = places->places,
                                               .n_places = places->n_places,
                                               .peer = places->peer.kind ? &places->peer : NULL,
                                               .options = options},
        error);
}

double run_places_boot_s(const struct run_places *places) {
    double seconds = 0;

    for (size_t i = 0; i < places->n_places; i++)
        seconds += place_visits_boot_s(places->configurations, &places->places[i]);
    return seconds;
}

int run_places_check(const struct run_places *places, const struct measure_options *options,
                     struct vms_error *error) {
    const struct configuration *configuration = places->configurations;
    const char *what = NULL;

    for (size_t i = 0; places->n_places < 2 && i < places->n_configurations; i++)
        if (places->configurations[i].suite.together)
            return error_set(
                error, -EINVAL,
                "suite \"%s\" measures several places at the same time: name two or more with --on",
                places->configurations[i].suite.name);
    if (places->n_places == 0 && options->keep_bundle)
        return error_set(error, -EINVAL,
                         "--keep-bundle is for places that the program is brought to: name them with --on");
    if (places->n_places == 0)
        return places->peer.kind
                   ? error_set(error, -EINVAL,
                               "--peer names the peer of places: give them with --on, or name it as "
                               "\"peer\" in the configuration")
                   : 0;
    if (places->n_configurations > 1)
        what = "only one configuration";
    else if (configuration->guest.present)
        what = "no \"guest\"";
    else if (configuration->destroys)
        what = "no \"destroys\"";
    else if (strcmp(options->output, "-") == 0)
        what = "a folder, not --output -";
    return what ? error_set(error, -EINVAL, "a run over places takes %s", what)
                : check_visits(places, options, error);
}

int run_places_dry_run(const struct measure_places_request *request) {
    int status = measure_places_dry_run(request);

    if (status == EXIT_DONE)
        place_visits_print(stdout, request);
    return status;
}

int run_places_measure(const struct measure_places_request *request, const char *configuration, unsigned runs,
                       const struct goal *goal) {
    const struct measure_options *options = request->options;
    FILE *file = options->progress == PROGRESS_JSON ? stderr : stdout;
    const char *texts[PLACES_MAX];
    struct run_set_request set = {.output = options->output,
                                  .configurations = &configuration,
                                  .n_configurations = 1,
                                  .places = texts,
                                  .n_places = request->n_places,
                                  .n_visits = place_visits_count(request->places, request->n_places),
                                  .runs = runs > 0 ? runs : 1,
                                  .goal = *goal,
                                  .resume = options->resume};
    cleanup_free char *baseline = NULL;
    struct vms_error error = {""};

    for (size_t i = 0; i < request->n_places; i++)
        texts[i] = request->places[i].text;
    if (measure_places_name(request->configuration, &request->places[0], &baseline, &error) < 0) {
        terminal_print(stderr, "vmsuite run: %s\n", error.text);
        return EXIT_USAGE;
    }
    set.baseline = baseline;
    if (!options->quiet) {
        place_visits_print(stderr, request);
        set.comparison = file;
    }
    return run_set_measure(&set);
}
