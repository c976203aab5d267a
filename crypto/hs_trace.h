/*
 * hs_trace - the login's messages for the handshake inspector; private to hs.
 * All accept a NULL trace.
 */
#ifndef CRYPTO_HS_TRACE_H
#define CRYPTO_HS_TRACE_H

#include "crypto/hs_msg.h"

void hs_trace_m1(struct trace *t, const struct hs_m1 *m, size_t size);
void hs_trace_m1r(struct trace *t, struct span body, uint8_t difficulty);
void hs_trace_m2(struct trace *t, const struct hs_m2 *m, size_t size);
void hs_trace_trust(struct trace *t, const struct hs_server_info *info);
void hs_trace_m3(struct trace *t, const struct hs_m3 *m, size_t size,
    enum hs_mode mode);
void hs_trace_m4(struct trace *t, const struct hs_m4 *m, size_t size);
void hs_trace_m2r(struct trace *t, const struct hs_m2r *m, size_t size);
void hs_trace_keys(struct trace *t, const struct hs_keys *k);

#endif
