#include "base/mbox.h"

#include <sys/eventfd.h>

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Invariant under lock: fd is readable if and only if n > 0. */
struct mbox {
	pthread_mutex_t lock;
	struct mbox_msg *head;
	struct mbox_msg **tail;
	size_t n;
	size_t cap;
	int fd;
};

struct mbox *
mbox_new(size_t cap)
{
	struct mbox *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->cap = cap;
	b->tail = &b->head;
	b->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (b->fd < 0 || pthread_mutex_init(&b->lock, NULL) != 0) {
		if (b->fd >= 0)
			(void)close(b->fd);
		free(b);
		return NULL;
	}
	return b;
}

void
mbox_free(struct mbox *b)
{
	struct mbox_msg *m;

	if (b == NULL)
		return;
	while ((m = mbox_take(b)) != NULL)
		m->free(m);
	(void)close(b->fd);
	(void)pthread_mutex_destroy(&b->lock);
	free(b);
}

enum sotto_err
mbox_post(struct mbox *b, struct mbox_msg *m)
{
	const uint64_t one = 1;
	enum sotto_err e = SOTTO_EAGAIN;

	(void)pthread_mutex_lock(&b->lock);
	if (b->n < b->cap) {
		m->next = NULL;
		*b->tail = m;
		b->tail = &m->next;
		/* An eventfd that counts up from zero cannot be full. */
		if (b->n++ == 0)
			(void)!write(b->fd, &one, sizeof(one));
		e = SOTTO_OK;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return e;
}

struct mbox_msg *
mbox_take(struct mbox *b)
{
	uint64_t count;
	struct mbox_msg *m;

	(void)pthread_mutex_lock(&b->lock);
	m = b->head;
	if (m != NULL) {
		b->head = m->next;
		if (b->head == NULL)
			b->tail = &b->head;
		if (--b->n == 0)
			(void)!read(b->fd, &count, sizeof(count));
		m->next = NULL;
	}
	(void)pthread_mutex_unlock(&b->lock);
	return m;
}

int
mbox_fd(const struct mbox *b)
{
	return b->fd;
}
