/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent_open.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "documents/claims.h"
#include "record/value.h"
#include "record/write/record.h"
#include "run/files/provenance.h"
#include "run/files/run_identity.h"
#include "run/peer/meet_peer.h"
#include "source/cgroup.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sodium.h>
#include <string.h>

#define SUITE_NAME "the driver's suite"
#define HOSTS_MAX 32

/* The first problem is enough: the driver has read the same documents. */
static int take_problems(struct problems *problems, struct vms_error *error) {
    int status = problems->n_problems == 0
                     ? 0
                     : error_set(error, -EINVAL, "%.400s",
                                 problems->problems[0].text ? problems->problems[0].text : ERROR_MEMORY);

    problems_done(problems);
    return status;
}

static int read_suite(struct agent_session *session, const json_t *message, struct vms_error *error) {
    struct problems problems = {0};
    struct document document = {
        .file = (char *)SUITE_NAME, .json = json_object_get(message, "suite"), .problems = &problems};
    int status;

    suite_read(&document, "$", document.json, session->modules, &session->suite);
    status = take_problems(&problems, error);
    if (status == 0)
        status = plan_check(&session->suite, error);
    return status;
}

/* "18446744073709551615": as text, since it has 64 bits. */
static int read_seed(const json_t *message, uint64_t *ret_seed, struct vms_error *error) {
    const char *text = agent_text(message, "seed");
    char *end = NULL;

    errno = 0;
    *ret_seed = strtoull(text, &end, 10);
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0'
               ? 0
               : error_set(error, -EPROTO, "the seed is not a whole number");
}

static int read_token(const json_t *json, struct token *ret_token, struct vms_error *error) {
    const char *hex = json_string_value(json);
    size_t length = 0;

    if (!hex || strlen(hex) != 2 * sizeof(ret_token->key) ||
        sodium_hex2bin(ret_token->key, sizeof(ret_token->key), hex, strlen(hex), NULL, &length, NULL) != 0 ||
        length != sizeof(ret_token->key))
        return error_set(error, -EPROTO, "the token is malformed");
    ret_token->present = true;
    return 0;
}

/* Reads where the peer is; the first of its hosts is the one that is tried first. */
static int read_peer(const json_t *peer, struct peer_address *ret_address, struct vms_error *error) {
    const char *host = json_string_value(json_array_get(json_object_get(peer, "hosts"), 0));
    json_int_t port = json_integer_value(json_object_get(peer, "port"));

    if (!host || strlen(host) >= PEER_HOST_SIZE || port < 1 || port > UINT16_MAX)
        return error_set(error, -EPROTO, "the peer's address is malformed");
    (void)snprintf(ret_address->host, sizeof(ret_address->host), "%s", host);
    ret_address->port = (uint16_t)port;
    return read_token(json_object_get(peer, "token"), &ret_address->token, error);
}

/* Shakes hands with the peer under the first of its addresses that answers. */
static int meet_at_hosts(struct agent_session *session, const json_t *hosts, struct vms_error *error) {
    size_t n = json_array_size(hosts) < HOSTS_MAX ? json_array_size(hosts) : HOSTS_MAX;
    int status = -ENOENT;

    for (size_t i = 0; status < 0 && i < n; i++) {
        const char *host = json_string_value(json_array_get(hosts, i));

        if (!host || peer_address_check(host, error) < 0)
            return error_set(error, -EPROTO, "the peer's address is malformed");
        (void)snprintf(session->peer.host, sizeof(session->peer.host), "%s", host);
        status = meet_peer(&session->run, &session->local_peer, &session->peer, error);
    }
    return status;
}

static int find_peer(struct agent_session *session, const json_t *peer, struct vms_error *error) {
    bool needed = false;
    int status;

    for (size_t i = 0; i < session->run.n_cases; i++)
        needed |= (session->run.cases[i].module->needs & VMS_NEEDS_PEER) != 0;
    if (!needed)
        return 0;
    if (json_is_object(peer))
        return meet_at_hosts(session, json_object_get(peer, "hosts"), error);
    status = local_peer_start(session->modules, &session->local_peer, &session->peer, error);
    return status < 0 ? status : meet_peer(&session->run, &session->local_peer, &session->peer, error);
}

/* Holds what is expected against this machine. */
static int check_claims(const struct agent_session *session, const json_t *message, bool has_peer,
                        char **ret_mismatch, struct vms_error *error) {
    struct problems problems = {0};
    json_auto_t *json = json_pack("{s:O}", "expect", json_object_get(message, "expect"));
    const struct document document = {.file = (char *)"the driver", .json = json, .problems = &problems};
    struct configuration configuration = {
        .suite = session->suite, .has_peer = has_peer, .peer = session->peer};
    int status;

    if (!json)
        return error_memory(error);
    claims_read(&document, &configuration.claims);
    status = take_problems(&problems, error);
    if (status == 0 && claims_check(&configuration, session->scratch.folder, ret_mismatch) < 0)
        status = error_memory(error);
    claims_done(&configuration.claims);
    return status;
}

static int open_scratch(struct agent_session *session, const json_t *message, struct vms_error *error) {
    const char *given = agent_text(message, "scratch"), *usual = getenv("TMPDIR");
    const char *place = given ? given : usual && *usual ? usual : "/var/tmp";

    if (access(place, F_OK) < 0)
        return error_set(error, -errno, "the scratch folder %.200s: %s", place, strerror(errno));
    return scratch_make(place, SCRATCH_PREFIX, &session->scratch, error);
}

static json_t *new_modules(const struct outcome_run *run) {
    json_t *modules = json_array();
    int failed = 0;

    for (size_t i = 0; i < run->n_modules; i++)
        failed |= json_array_append_new(
            modules,
            json_pack("{s:s, s:I, s:s, s:s, s:b}", "module", run->modules[i].module->name, "workload_version",
                      (json_int_t)run->modules[i].module->workload_version, "path", run->modules[i].path,
                      "sha256", run->modules[i].sha256, "shipped", run->modules[i].is_shipped));
    return value_finish(modules, failed);
}

static json_t *new_warnings(const struct outcome_run *run) {
    json_t *warnings = json_array();
    int failed = 0;

    for (size_t i = 0; i < run->n_warnings; i++)
        failed |= json_array_append_new(warnings, json_string(run->warnings[i]));
    return value_finish(warnings, failed);
}

static int answer(const struct agent_session *session, double facts_s, const char *mismatch,
                  json_t **ret_answer, struct vms_error *error) {
    const struct machine_source source = machine_source_here();
    struct cgroup_share share = {.id = ""};
    char boot[RUN_IDENTITY_BOOT_SIZE];

    run_identity_boot(boot);
    if (cgroup_read_share(&source, &share) == 0)
        free(share.group);
    *ret_answer = agent_message_new(
        AGENT_OPENED,
        json_pack("{s:o, s:f, s:f, s:s, s:s, s:s?, s:o, s:o}", "environment",
                  record_machine(&session->before), "facts_s", facts_s, "clock_cost_s", clock_cost_s(),
                  "boot", boot, "cpu_group_id", share.id, "mismatch", mismatch, "modules",
                  new_modules(&session->run), "warnings", new_warnings(&session->run)));
    return *ret_answer ? 0 : error_memory(error);
}

/* What the run itself needs; the machine is what it is expected to be, or that does not matter. */
static int get_ready(struct agent_session *session, const json_t *message, struct vms_error *error) {
    const struct processes_setting setting = {.run = &session->run,
                                              .plan = &session->plan,
                                              .scratch = &session->scratch,
                                              .peer = &session->peer,
                                              .local_peer = &session->local_peer,
                                              .progress = &session->progress,
                                              .idle = &session->idle,
                                              .retry_noisy = agent_whole(message, "retry_noisy"),
                                              .flags = session->mismatched ? OUTCOME_MISMATCH : 0,
                                              .on_trouble = session->on_trouble,
                                              .context = session->context};
    int status = find_peer(session, json_object_get(message, "peer"), error);

    progress_begin(&session->progress, PROGRESS_NONE, &session->run, &session->plan);
    if (status == 0 && processes_new(&setting, &session->processes) < 0)
        status = error_memory(error);
    idle_watch_begin(&session->idle);
    session->is_open = status == 0;
    return status;
}

int agent_open(struct agent_session *session, const json_t *message, json_t **ret_answer,
               struct vms_error *error) {
    const json_t *peer = json_object_get(message, "peer");
    struct machine_source source = machine_source_here();
    cleanup_free char *mismatch = NULL;
    uint64_t start_ns;
    double facts_s;
    int status = read_suite(session, message, error);

    if (status == 0)
        status = read_seed(message, &session->run.seed, error);
    if (status == 0 && json_is_object(peer))
        status = read_peer(peer, &session->peer, error);
    if (status == 0)
        status = plan_make(&session->suite, &session->run, &session->plan, error);
    if (status == 0)
        status = open_scratch(session, message, error);
    if (status == 0)
        status = check_claims(session, message, json_is_object(peer), &mismatch, error);
    if (status == 0 && provenance_note(session->modules, &session->run) < 0)
        status = error_memory(error);
    if (status < 0)
        return status;
    start_ns = clock_now_ns();
    if (machine_read(&source, session->scratch.folder, &session->before) < 0)
        return error_memory(error);
    facts_s = (double)(clock_now_ns() - start_ns) / NS_PER_S;
    session->mismatched = mismatch;
    if (!mismatch || json_is_true(json_object_get(message, "allow_mismatch")))
        status = get_ready(session, message, error);
    return status < 0 ? status : answer(session, facts_s, mismatch, ret_answer, error);
}

/* The addresses under which others may reach this machine, those of loopback last. */
static json_t *new_hosts(void) {
    json_t *hosts = json_array();
    struct ifaddrs *list = NULL;

    if (hosts && getifaddrs(&list) == 0)
        for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
            const struct sockaddr *address = at->ifa_addr;
            char text[INET6_ADDRSTRLEN] = "";

            if (!address || !(at->ifa_flags & IFF_UP) || (at->ifa_flags & IFF_LOOPBACK) ||
                json_array_size(hosts) >= HOSTS_MAX - 1)
                continue;
            if (address->sa_family == AF_INET)
                (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                                sizeof(text));
            else if (address->sa_family == AF_INET6 &&
                     !IN6_IS_ADDR_LINKLOCAL(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr))
                (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr,
                                text, sizeof(text));
            if (text[0])
                (void)json_array_append_new(hosts, json_string(text));
        }
    if (list)
        freeifaddrs(list);
    (void)json_array_append_new(hosts, json_string("127.0.0.1"));
    return hosts;
}

int agent_serve(struct agent_session *session, const json_t *message, json_t **ret_answer,
                struct vms_error *error) {
    struct token token = {.present = false};
    int status = read_token(json_object_get(message, "token"), &token, error);

    if (status == 0)
        status =
            local_peer_start_with(session->modules, &token, "*", &session->local_peer, &session->peer, error);
    token_done(&token);
    if (status < 0)
        return status;
    *ret_answer = agent_message_new(
        AGENT_SERVING, json_pack("{s:i, s:o}", "port", session->peer.port, "hosts", new_hosts()));
    return *ret_answer ? 0 : error_memory(error);
}
