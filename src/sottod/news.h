/*
 * news - who is here: the list for somebody who begins to watch, and then what
 * changes, for all who watch.
 *
 * With ten thousand people a change costs as many records, so changes wait for
 * each other, the longer the more people there are, and both are told in
 * portions: nobody's messages wait longer for it than a portion takes.
 * Thread: the loop's.
 */
#ifndef SOTTOD_NEWS_H
#define SOTTOD_NEWS_H

#include "sottod/conn.h"

struct news;

struct news *news_new(struct server *s); /* Returns owned, or NULL */
void news_free(struct news *n);          /* accepts NULL */

/* news_tell - u came, went, or turned busy. */
void news_tell(struct news *n, struct dir_user *u);
/* news_watch - c gets the list, then its mail, and all changes from now on. */
void news_watch(struct news *n, struct conn *c);
/* news_forget - c ends. */
void news_forget(struct news *n, struct conn *c);

#endif
