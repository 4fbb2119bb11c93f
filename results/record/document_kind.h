/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of document a JSON object is, by the member that only this kind has. */
#ifndef VMSUITE_RESULTS_RECORD_DOCUMENT_KIND_H
#define VMSUITE_RESULTS_RECORD_DOCUMENT_KIND_H

#include <jansson.h>

enum document_kind {
    KIND_UNKNOWN,
    KIND_RECORD,
    KIND_CONFIGURATION,
    KIND_SUITE,
    KIND_STUDY,
    KIND_POLICY,
    KIND_BASELINE,
    KIND_COMPARISON,
    KIND_HOSTS,
    KIND_FLEET,
    KIND_TREND
};

enum document_kind kind_of(const json_t *object);

/* "a record", "a configuration"; and what takes it: "`vmsuite run` takes it". Static. */
const char *kind_name(enum document_kind kind);
const char *kind_use(enum document_kind kind);

#endif
