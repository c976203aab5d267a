/* loop_uv - what the files of the libuv door share, and nobody else. */
#ifndef NET_LOOP_UV_H
#define NET_LOOP_UV_H

#include <uv.h>

#include "net/loop.h"

#define LOOP_READ_MAX 65536

struct loop {
	uv_loop_t uv;
	size_t jobs;
	/* Reads are handed on at once, so one buffer serves all. */
	char read_buf[LOOP_READ_MAX];
};

#endif
