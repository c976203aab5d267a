/*
 * hist_priv - what history.c, hist_chats.c and hist_words.c share.
 */
#ifndef SOTTO_HIST_PRIV_H
#define SOTTO_HIST_PRIV_H

#include "sotto/history.h"

#define HIST_PLACE_LEN 32

/* hist_place - where a sealed thing belongs, so that rows cannot change
 * places.  Borrows out. */
struct span hist_place(uint8_t out[HIST_PLACE_LEN], const char kind[8],
    int64_t chat, int64_t id, uint64_t msg);

/* hist_words_drop - what is said in that line has changed. */
enum sotto_err hist_words_drop(struct vault *v, int64_t line);

#endif
