/*
 * err - the one error type of both programs.
 *
 * A code exists only where a caller branches on it.  The layer that detects a
 * failure logs the detail once; everybody above only passes the code up.
 * Outputs of a function are untouched unless it returns SOTTO_OK.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * clang warns about every ignored result of this type; gcc has no such
 * attribute for an enum, so the lint run compiles with both.
 */
#if defined(__clang__)
#define SOTTO_MUST_USE __attribute__((warn_unused_result))
#else
#define SOTTO_MUST_USE
#endif

enum SOTTO_MUST_USE sotto_err {
	SOTTO_OK = 0,
	SOTTO_EAGAIN,   /* not now: more input, or room, is needed first */
	SOTTO_EFORMAT,  /* the bytes do not have the form they must have */
	SOTTO_ETOOBIG,  /* over a stated limit; retrying cannot help */
	SOTTO_ENOSPACE, /* the output does not fit the room given */
	SOTTO_EAUTH,    /* a tag, signature, certificate or key is wrong */
	SOTTO_ESTATE, /* not allowed in this state; a caller's or peer's bug */
	SOTTO_ENOMEM, /* memory, or locked memory, ran out */
	SOTTO_EIO     /* the system said no; errno is still set */
};

/* sotto_strerror - a short English phrase for e; static, never NULL. */
const char *sotto_strerror(enum sotto_err e);

#endif
