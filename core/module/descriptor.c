/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/descriptor.h"

#include "base/cleanup.h"
#include "module/param.h"

#include <ctype.h>
#include <string.h>

#define KNOWN_NEEDS (VMS_NEEDS_SCRATCH | VMS_NEEDS_PEER | VMS_NEEDS_ROOT)
#define BIT(role) (1u << (role))
#define PARAM_ROLES (BIT(VMS_ROLE_PLAIN) | BIT(VMS_ROLE_SIZE) | BIT(VMS_ROLE_PLACE))
#define METRIC_ROLES                                                                                         \
    (BIT(VMS_ROLE_PLAIN) | BIT(VMS_ROLE_HEADLINE) | BIT(VMS_ROLE_DERIVED) | BIT(VMS_ROLE_VOLATILE) |         \
     BIT(VMS_ROLE_WORK) | BIT(VMS_ROLE_FACT))
#define FACT_ROLES (BIT(VMS_ROLE_PLAIN) | BIT(VMS_ROLE_VOLATILE) | BIT(VMS_ROLE_WORK))

/* What the descriptor and a row had in each minor version; rows of 1.0 named no role. */
#define END_OF(type, member) (offsetof(type, member) + sizeof(((type *)NULL)->member))
#define SIZE_1_0 END_OF(struct vms_module, estimate)
#define SIZE_1_1 END_OF(struct vms_module, validate)
#define PARAM_SIZE_1_0 offsetof(struct vms_param, role)
#define METRIC_SIZE_1_0 offsetof(struct vms_metric, role)
#define PARAM_SIZE_1_1 sizeof(struct vms_param)
#define METRIC_SIZE_1_1 sizeof(struct vms_metric)
#define FACT_SIZE_1_1 sizeof(struct vms_fact)

/* One piece of memory for a descriptor and its tables. */
struct adopted {
    struct vms_module module; /* first: who frees the module frees all */
    struct vms_param params[DESCRIPTOR_ROWS_MAX];
    struct vms_metric metrics[DESCRIPTOR_ROWS_MAX];
    struct vms_fact facts[DESCRIPTOR_ROWS_MAX];
};

static const char *const role_names[] = {
    [VMS_ROLE_PLAIN] = "plain",       [VMS_ROLE_SIZE] = "size",       [VMS_ROLE_PLACE] = "place",
    [VMS_ROLE_HEADLINE] = "headline", [VMS_ROLE_DERIVED] = "derived", [VMS_ROLE_VOLATILE] = "volatile",
    [VMS_ROLE_WORK] = "work",         [VMS_ROLE_FACT] = "fact",
};

const char *descriptor_role_name(enum vms_role role) {
    return role_names[role];
}

int descriptor_role_from_name(const char *name, enum vms_role *ret_role) {
    for (size_t i = 0; i < VMS_LENGTH(role_names); i++) {
        if (strcmp(name, role_names[i]) == 0) {
            *ret_role = (enum vms_role)i;
            return 0;
        }
    }
    return -EINVAL;
}

bool descriptor_is_name(const char *name) {
    return name && islower((unsigned char)name[0]) && strlen(name) < DESCRIPTOR_NAME_SIZE &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name);
}

/* A choice among `allowed` (bits), and a value that the enumeration has. */
static bool is_role(enum vms_role role, unsigned allowed) {
    return (unsigned)role < VMS_LENGTH(role_names) && (allowed & BIT(role));
}

static int check_abi(const struct vms_module *found, struct vms_error *error) {
    size_t least = found->abi_minor == 0 ? SIZE_1_0 : SIZE_1_1;

    if (found->abi_major != VMS_ABI_MAJOR)
        return error_set(error, -EINVAL,
                         "it was built for module ABI %u, this program has ABI %d: build it again",
                         (unsigned)found->abi_major, VMS_ABI_MAJOR);
    if (found->size < least)
        return error_set(error, -EINVAL,
                         "its descriptor has %u bytes, ABI %d.%u has %zu: begin it with VMS_MODULE_ABI",
                         (unsigned)found->size, VMS_ABI_MAJOR, found->abi_minor == 0 ? 0U : 1U, least);
    return 0;
}

static int check_counts(const struct vms_module *module, struct vms_error *error) {
    if (!module->metrics || module->n_metrics == 0 || module->n_metrics > DESCRIPTOR_ROWS_MAX)
        return error_set(error, -EINVAL, "it has %zu metrics: 1 to %d are allowed", module->n_metrics,
                         DESCRIPTOR_ROWS_MAX);
    if (module->n_params > DESCRIPTOR_ROWS_MAX || (module->n_params > 0 && !module->params))
        return error_set(error, -EINVAL, "it has %zu parameters: at most %d are allowed, and a table",
                         module->n_params, DESCRIPTOR_ROWS_MAX);
    if (module->n_facts > DESCRIPTOR_ROWS_MAX || (module->n_facts > 0 && !module->facts))
        return error_set(error, -EINVAL, "it has %zu facts: at most %d are allowed, and a table",
                         module->n_facts, DESCRIPTOR_ROWS_MAX);
    return 0;
}

/* How far the rows of a table are apart: what the descriptor says, or nothing (0) where it was built with ABI
 * 1.1 and did not say. */
static size_t stride_of(uint32_t said, size_t of_1_1) {
    return said > 0 ? said : of_1_1;
}

/* Copies `n` rows that lie `stride` bytes apart into rows of ours; what theirs do not have is 0. */
static void copy_rows(void *to, size_t row_size, const void *from, size_t stride, size_t n) {
    for (size_t i = 0; i < n; i++)
        memcpy((char *)to + i * row_size, (const char *)from + i * stride,
               stride < row_size ? stride : row_size);
}

/* ABI 1.0 counted from 0 what now counts from 1. */
static void renumber(struct adopted *adopted) {
    adopted->module.resource = (enum vms_resource)((unsigned)adopted->module.resource + 1);
    for (size_t i = 0; i < adopted->module.n_params; i++)
        adopted->params[i].kind = (enum vms_kind)((unsigned)adopted->params[i].kind + 1);
    for (size_t i = 0; i < adopted->module.n_metrics; i++) {
        adopted->metrics[i].unit = (enum vms_unit)((unsigned)adopted->metrics[i].unit + 1);
        adopted->metrics[i].better = (enum vms_better)((unsigned)adopted->metrics[i].better + 1);
    }
}

static void take_over(const struct vms_module *found, struct adopted *adopted) {
    struct vms_module *module = &adopted->module;
    bool is_1_0 = found->abi_minor == 0;

    copy_rows(adopted->params, sizeof(struct vms_param), found->params,
              is_1_0 ? PARAM_SIZE_1_0 : stride_of(module->param_size, PARAM_SIZE_1_1), found->n_params);
    copy_rows(adopted->metrics, sizeof(struct vms_metric), found->metrics,
              is_1_0 ? METRIC_SIZE_1_0 : stride_of(module->metric_size, METRIC_SIZE_1_1), found->n_metrics);
    copy_rows(adopted->facts, sizeof(struct vms_fact), module->facts,
              stride_of(module->fact_size, FACT_SIZE_1_1), module->n_facts);
    module->params = adopted->params;
    module->metrics = adopted->metrics;
    module->facts = adopted->facts;
    if (is_1_0)
        renumber(adopted);
}

static int check_head(const struct vms_module *module, const char *name, struct vms_error *error) {
    if (!module->name || strcmp(module->name, name) != 0)
        return error_set(error, -EINVAL, "it calls itself \"%.64s\", the file's name says \"%s\"",
                         module->name ? module->name : "", name);
    if (!module->summary || module->summary[0] == '\0')
        return error_set(error, -EINVAL, "it has no summary");
    if (module->resource < VMS_NETWORK || module->resource > VMS_CPU)
        return error_set(
            error, -EINVAL,
            "its resource, %d, is missing or unknown: it must be one of VMS_NETWORK, VMS_MEMORY, "
            "VMS_DISK, VMS_CPU",
            (int)module->resource);
    if (module->workload_version == 0)
        return error_set(error, -EINVAL, "its workload version is 0: they count from 1");
    if (module->needs & ~(uint32_t)KNOWN_NEEDS)
        return error_set(error, -EINVAL, "it needs something that this program does not know (0x%x)",
                         (unsigned)(module->needs & ~(uint32_t)KNOWN_NEEDS));
    return 0;
}

static int check_functions(const struct vms_module *module, struct vms_error *error) {
    if (!module->measure)
        return error_set(error, -EINVAL, "it has no function \"measure\"");
    if ((module->needs & VMS_NEEDS_PEER) && !module->serve)
        return error_set(error, -EINVAL, "it needs a peer but has no function \"serve\"");
    if (!(module->needs & VMS_NEEDS_PEER) && module->serve)
        return error_set(error, -EINVAL, "it has a function \"serve\" but does not say VMS_NEEDS_PEER");
    return 0;
}

static int check_metric(const struct vms_metric *metric, struct vms_error *error) {
    bool is_property = metric->role == VMS_ROLE_WORK || metric->role == VMS_ROLE_FACT;

    if (metric->unit < VMS_BYTES_PER_SECOND || metric->unit > VMS_RATIO)
        return error_set(error, -EINVAL, "metric \"%s\": its unit, %d, is missing or unknown", metric->name,
                         (int)metric->unit);
    if (metric->better < VMS_HIGHER || metric->better > VMS_NEITHER)
        return error_set(error, -EINVAL, "metric \"%s\": whether higher or lower is better is missing (%d)",
                         metric->name, (int)metric->better);
    if ((unsigned)metric->shape > VMS_DISTRIBUTION || (unsigned)metric->side > VMS_RECEIVER)
        return error_set(error, -EINVAL, "metric \"%s\": its shape or side is unknown", metric->name);
    if (!is_role(metric->role, METRIC_ROLES))
        return error_set(error, -EINVAL, "metric \"%s\": its role, %d, is not one of a metric", metric->name,
                         (int)metric->role);
    if (is_property && metric->better != VMS_NEITHER)
        return error_set(error, -EINVAL,
                         "metric \"%s\" has role \"%s\", where neither higher nor lower is better: set "
                         "VMS_NEITHER",
                         metric->name, role_names[metric->role]);
    if (!metric->help)
        return error_set(error, -EINVAL, "metric \"%s\" has no help", metric->name);
    return 0;
}

static int check_metrics(const struct vms_module *module, struct vms_error *error) {
    for (size_t i = 0; i < module->n_metrics; i++) {
        const struct vms_metric *metric = &module->metrics[i];
        int status;

        if (!descriptor_is_name(metric->name))
            return error_set(error, -EINVAL, "metric %zu: its name is not lower case letters, digits and '_'",
                             i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(metric->name, module->metrics[j].name) == 0)
                return error_set(error, -EINVAL, "metric \"%s\" appears twice", metric->name);
        status = check_metric(metric, error);
        if (status < 0)
            return status;
    }
    return 0;
}

static int check_facts(const struct vms_module *module, struct vms_error *error) {
    for (size_t i = 0; i < module->n_facts; i++) {
        const struct vms_fact *fact = &module->facts[i];

        if (!descriptor_is_name(fact->key))
            return error_set(error, -EINVAL, "fact %zu: its key is not lower case letters, digits and '_'",
                             i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(fact->key, module->facts[j].key) == 0)
                return error_set(error, -EINVAL, "fact \"%s\" appears twice", fact->key);
        if (!is_role(fact->role, FACT_ROLES))
            return error_set(error, -EINVAL, "fact \"%s\": its role, %d, is not one of a fact", fact->key,
                             (int)fact->role);
        if (!fact->help)
            return error_set(error, -EINVAL, "fact \"%s\" has no help", fact->key);
    }
    return 0;
}

static int check_params(const struct vms_module *module, struct vms_error *error) {
    for (size_t i = 0; i < module->n_params; i++)
        if (!is_role(module->params[i].role, PARAM_ROLES))
            return error_set(error, -EINVAL, "parameter %zu: its role, %d, is not one of a parameter", i,
                             (int)module->params[i].role);
    return param_check_table(module, error);
}

static int check(const struct vms_module *module, const char *name, struct vms_error *error) {
    int status = check_head(module, name, error);

    if (status == 0)
        status = check_functions(module, error);
    if (status == 0)
        status = check_metrics(module, error);
    if (status == 0)
        status = check_facts(module, error);
    return status == 0 ? check_params(module, error) : status;
}

int descriptor_adopt(const struct vms_module *found, const char *name, struct vms_module **ret_module,
                     struct vms_error *error) {
    size_t size = found->abi_minor == 0 ? SIZE_1_0 : sizeof(struct vms_module);
    cleanup_free struct adopted *adopted = calloc(1, sizeof(*adopted));
    int status = adopted ? check_abi(found, error) : error_memory(error);

    if (status < 0)
        return status;
    memcpy(&adopted->module, found, found->size < size ? found->size : size);
    status = check_counts(&adopted->module, error);
    if (status < 0)
        return status;
    take_over(found, adopted);
    status = check(&adopted->module, name, error);
    if (status < 0)
        return status;
    *ret_module = &adopted->module;
    (void)TAKE(adopted);
    return 0;
}
