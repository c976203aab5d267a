/* store_priv - the inside of the store, for store.c and store_invite.c. */
#ifndef SOTTOD_STORE_PRIV_H
#define SOTTOD_STORE_PRIV_H

#include "base/db.h"

#include "sottod/store.h"

struct store {
	struct db *db;
};

#endif
