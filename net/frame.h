/*
 * frame - where one message on the stream ends and the next begins.
 *
 * Both heads name the length before any of the body is there, so a wrong type
 * or length is refused before room is taken for it.
 */
#ifndef NET_FRAME_H
#define NET_FRAME_H

#include "base/bytes.h"

enum frame_phase {
	FRAME_HANDSHAKE, /* u8 type, u24 length */
	FRAME_SEALED     /* u8 0x20, u8 key phase, u24 length */
};

/*
 * frame_next - the first whole frame of in, with its head.
 *
 * Errors:  SOTTO_EAGAIN: more bytes are needed; SOTTO_EFORMAT: this can never
 *          become a frame that may come in this phase.
 */
enum sotto_err frame_next(struct span *frame, enum frame_phase phase,
    struct span in);

#endif
