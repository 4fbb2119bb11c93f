/* SPDX-License-Identifier: GPL-3.0-or-later */
/* PostgreSQL's library, looked for when a server is asked for: it brings TLS, Kerberos and LDAP along, which
 * no run and no guest needs. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_LIBPQ_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_LIBPQ_H

#include <libpq-fe.h>
#include <vmsuite/module.h>

/* The functions that are used, X(name). */
#define LIBPQ_FUNCTIONS(X)                                                                                   \
    X(PQconnectdb)                                                                                           \
    X(PQfinish)                                                                                              \
    X(PQstatus)                                                                                              \
    X(PQserverVersion)                                                                                       \
    X(PQerrorMessage)                                                                                        \
    X(PQsetClientEncoding)                                                                                   \
    X(PQexec)                                                                                                \
    X(PQprepare)                                                                                             \
    X(PQsendQueryPrepared)                                                                                   \
    X(PQsetSingleRowMode)                                                                                    \
    X(PQgetResult)                                                                                           \
    X(PQclear)                                                                                               \
    X(PQresultStatus)                                                                                        \
    X(PQresultErrorMessage)                                                                                  \
    X(PQntuples)                                                                                             \
    X(PQnfields)                                                                                             \
    X(PQgetvalue)                                                                                            \
    X(PQgetisnull)                                                                                           \
    X(PQenterPipelineMode)                                                                                   \
    X(PQexitPipelineMode)                                                                                    \
    X(PQpipelineSync)

struct libpq {
#define LIBPQ_MEMBER(name) __typeof__(name) *name;
    LIBPQ_FUNCTIONS(LIBPQ_MEMBER)
#undef LIBPQ_MEMBER
};

/* Loads it once, for as long as the program lives. Borrowed; NULL with a sentence that names the package. */
const struct libpq *libpq_load(struct vms_error *error);

#endif
