#include "net/frame.h"

#include "crypto/hs.h"
#include "crypto/tunnel.h"

enum sotto_err
frame_next(struct span *frame, enum frame_phase phase, struct span in)
{
	const size_t head =
	    phase == FRAME_SEALED ? TUNNEL_HEAD_LEN : HS_HEAD_LEN;
	struct rd r;
	uint8_t type;
	uint32_t len;

	/* A wrong first byte is wrong whatever follows. */
	if (in.n > 0 && (in.p[0] == TUNNEL_TYPE) != (phase == FRAME_SEALED))
		return SOTTO_EFORMAT;
	if (in.n < head)
		return SOTTO_EAGAIN;
	rd_init(&r, in);
	type = rd_u8(&r);
	if (phase == FRAME_SEALED)
		(void)rd_u8(&r); /* the key phase is the tunnel's to judge */
	len = rd_u24(&r);
	if (phase == FRAME_SEALED ? !tunnel_head_ok(len)
				  : !hs_head_ok(type, len))
		return SOTTO_EFORMAT;
	if (r.n < len)
		return SOTTO_EAGAIN;
	*frame = (struct span){ in.p, head + len };
	return SOTTO_OK;
}
