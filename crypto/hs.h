/*
 * hs - the login handshake between client and relay, as two pure machines.
 *
 * M1 CLIENT_HELLO, M2 SERVER_HELLO, M3 CLIENT_KEY, M4 SERVER_FINISHED, with
 * M1r HELLO_RETRY between when the relay is under load, and FAIL.  Frames go
 * in whole; frames come out in the caller's buffer; what is slow comes out as
 * a job, to be run on any thread and handed back.  Failure is sticky.
 *
 * Source: sotto-protocol(7), LOGIN and KEYS.
 * Thread: a machine belongs to one thread; a job to whoever holds it.
 */
#ifndef CRYPTO_HS_H
#define CRYPTO_HS_H

#include "base/name.h"

#include "crypto/aead.h"
#include "crypto/cert.h"
#include "crypto/ident.h"
#include "crypto/kdf.h"
#include "crypto/trace.h"

#define HS_VERSION        1
#define HS_KEX_RSA_X25519 1 /* RSA3072-OAEP-SHA256 + X25519 */
#define HS_HEAD_LEN       4 /* u8 type, u24 length of the body */
#define HS_BODY_MAX       8192
#define HS_FRAME_MAX      (HS_HEAD_LEN + HS_BODY_MAX)
#define HS_NONCE_LEN      32
#define HS_SESSION_LEN    16
#define HS_COOKIE_LEN     32
#define HS_CERTS_MAX      3
#define HS_DIFFICULTY_MAX 22
#define HS_TICKET_LEN     192
#define HS_TICKET_NONCE   8

#define HS_M1_LEN       512
#define HS_M1R_LEN      (HS_COOKIE_LEN + 1)
#define HS_M3_INNER_LEN 2560
#define HS_M3_LEN       (RSA_LEN + 2 + HS_M3_INNER_LEN + AEAD_TAG_LEN)
#define HS_M4_INNER_LEN 512
#define HS_M4_LEN       (HS_M4_INNER_LEN + AEAD_TAG_LEN)
#define HS_M2R_LEN      126
#define HS_M3R_LEN      HASH_LEN

/* An epoch key may be used that long, and its window may be that wide. */
#define HS_EPOCH_WINDOW_MAX 660 /* seconds */
/* A clock that is further off than this is worth a warning. */
#define HS_CLOCK_SKEW_MAX 300 /* seconds */

enum hs_type {
	HS_TYPE_M1 = 1,
	HS_TYPE_M1R = 2,
	HS_TYPE_M2 = 3,
	HS_TYPE_M3 = 4,
	HS_TYPE_M4 = 5,
	HS_TYPE_M2R = 6,
	HS_TYPE_M3R = 7,
	HS_TYPE_FAIL = 8
};

enum hs_mode {
	HS_LOGIN = 0,
	HS_ENROL = 1,
	HS_RESUME = 2
};

/* The one byte of FAIL; nothing in it depends on a secret or on a name. */
enum hs_fail {
	HS_FAIL_NONE = 0, /* never sent */
	HS_FAIL_HANDSHAKE = 1,
	HS_FAIL_VERSION = 2,
	HS_FAIL_BUSY = 3,
	HS_FAIL_STOPPING = 4,
	HS_FAIL_SUITE = 5,
	HS_FAIL_SLOW = 6 /* a step of the login took too long */
};

/*
 * The relay's answer inside the sealed M4, to somebody who has proven who they
 * are (or who holds an invite).  Outsiders never see it.
 */
enum hs_status {
	HS_WELCOME = 0,
	HS_REVOKED = 1,        /* the admin has revoked this user */
	HS_CERT_EXPIRED = 2,   /* the user certificate is over */
	HS_INVITE_USED = 3,    /* the invite is used up */
	HS_NAME_TAKEN = 4,     /* another key has this name */
	HS_NAME_NOT_YOURS = 5, /* the invite is for another name */
	HS_REQUEST_BAD = 6,    /* the certificate request is not acceptable */
	HS_KEY_USED = 7,       /* another name has this key */
	HS_STORE_FAILED = 8    /* the relay could not store the new user */
};

/* Both sides' outcome. */
struct hs_limits {
	uint32_t message_max;  /* bytes of one relayed message */
	uint32_t requests_min; /* chat requests a user may send a minute */
	uint32_t idle_s;       /* silence after which the relay hangs up */
	uint32_t zero;
};

struct hs_keys {
	enum suite suite;
	struct name user;
	uint8_t session_id[HS_SESSION_LEN];
	struct hs_limits limits;
	uint64_t server_time; /* seconds since 1970 */
	struct hash th5;
	struct key c_ap, s_ap;    /* secret: traffic, each direction */
	struct key rekey, resume; /* secret */
};

/*
 * hs_head_ok - may a frame of this type and length come now?  Asked on the
 * head alone, before room is taken for the body.
 */
int hs_head_ok(uint8_t type, uint32_t len);

/* ------------------------------------------------------------- client ---- */

/* What a client has of a ticket: the relay's sealed part, and its secret. */
struct hs_ticket {
	uint8_t b[HS_TICKET_LEN];
	struct key psk; /* secret */
};
/* hs_ticket_psk - the secret of a ticket that was given out in a session. */
void hs_ticket_psk(struct key *out, const struct hs_keys *k,
    const uint8_t nonce[HS_TICKET_NONCE]);

struct hs_server_info;

struct hs_client_conf {
	enum hs_mode mode;
	int probe; /* stop after a good M2: to ask the user about the key */
	struct suite_list suites;
	int refuse_legacy; /* this relay once chose a modern suite */
	const char *host;  /* what was dialled; the certificate must name it */
	int has_pin;
	struct hash pin; /* the authority's fingerprint */
	/* Not for a probe: */
	const struct ident *id; /* borrows */
	/* HS_RESUME; if the relay does not take it, it is an HS_LOGIN: */
	struct hs_ticket ticket;            /* secret */
	const struct hs_server_info *known; /* of the login before; borrows */
};

/* Why the client stopped; hs_fault_text() says it to people. */
enum hs_fault {
	HS_FAULT_NONE,
	HS_FAULT_FORMAT,    /* a message is malformed */
	HS_FAULT_ORDER,     /* a message came that must not come now */
	HS_FAULT_VERSION,   /* no common version, or one not offered */
	HS_FAULT_SUITE,     /* a suite not offered, or none in common */
	HS_FAULT_DOWNGRADE, /* a weaker kind of suite than before */
	HS_FAULT_EPOCH,     /* the epoch key or its window is not allowed */
	HS_FAULT_PIN,       /* the authority is not the one that was pinned */
	HS_FAULT_CA,        /* the authority's certificate is bad */
	HS_FAULT_CERT,      /* the server's certificate is bad: cert_fault */
	HS_FAULT_SIGNATURE, /* the server's signature is wrong */
	HS_FAULT_INVITE,    /* relay: unknown invite, or a wrong binder */
	HS_FAULT_TICKET,    /* relay: a ticket with a wrong binder */
	HS_FAULT_KEYS,      /* the server could not prove the keys (M4) */
	HS_FAULT_FAILED,    /* the relay ended it: fail */
	HS_FAULT_STATUS,    /* the relay refused the user: status */
	HS_FAULT_PUZZLE,    /* more than one retry, or too hard */
	HS_FAULT_MEMORY
};

enum hs_event {
	HS_WAIT,   /* give the next frame */
	HS_SEND,   /* out has bytes to send; then as HS_WAIT */
	HS_JOB,    /* take the job, run it, hand it back */
	HS_PROBED, /* probe only: certificate and fingerprint are known */
	HS_NAMED,  /* server only: M3 opened, the user's account is wanted */
	HS_PROVEN, /* server only: identity proven, hs_server_finish() next */
	HS_DONE,   /* keys are there; out may have bytes to send */
	HS_FAILED  /* fault says why; sticky */
};

struct hs_job;
/* hs_job_run - the slow work.  Any thread. */
void hs_job_run(struct hs_job *j);
void hs_job_free(struct hs_job *j); /* wipes; accepts NULL */

struct hs_client; /* secret inside; guarded memory */

/* What is known of the server after M2, for the prompt and for the pins. */
struct hs_server_info {
	struct hash authority; /* SHA-256 of the authority's SPKI */
	struct hash server;    /* ... of the server's */
	uint8_t ca[CERT_DER_MAX];
	size_t ca_len;
	char relay[CERT_HOST_MAX + 1]; /* CN of the server's certificate */
	enum cert_fault cert_fault;    /* for HS_FAULT_CERT, HS_FAULT_CA */
	enum hs_fail fail;             /* for HS_FAULT_FAILED */
	enum hs_status status;         /* for HS_FAULT_STATUS */
	int64_t clock_skew;            /* seconds that the relay is ahead */
};

/*
 * hs_client_new - writes M1 to out.  conf is copied; id and trace are borrowed
 * until the end.  Returns owned, or NULL.
 */
struct hs_client *hs_client_new(const struct hs_client_conf *conf,
    const struct rng *g, struct trace *trace, struct wr *out);
void hs_client_free(struct hs_client *c); /* wipes; accepts NULL */

/* hs_client_in - one whole frame; now in seconds.  Replies go to out. */
enum hs_event hs_client_in(struct hs_client *c, struct span frame, uint64_t now,
    struct wr *out);

/* Owned by the caller until hs_client_job_done(), which takes it back. */
struct hs_job *hs_client_job(struct hs_client *c);
enum hs_event hs_client_job_done(struct hs_client *c, struct hs_job *j,
    struct wr *out);

enum hs_fault hs_client_fault(const struct hs_client *c);
const struct hs_server_info *hs_client_info(const struct hs_client *c);
/* hs_client_keys - after HS_DONE; borrows.  Copy and free the machine. */
const struct hs_keys *hs_client_keys(const struct hs_client *c);

/* Phrases, hs_fail_text a sentence, without a full stop; static. */
const char *hs_fault_text(enum hs_fault f);
const char *hs_fail_text(enum hs_fail f);
const char *hs_status_text(enum hs_status s);

/* ------------------------------------------------------------- server ---- */

/* An epoch key and its window; shared by handshakes, counted references. */
struct hs_epoch;
struct hs_epoch *hs_epoch_new(struct rsa_key *key,
    const struct rng *g); /* Takes key */
struct hs_epoch *hs_epoch_ref(struct hs_epoch *e);
void hs_epoch_unref(struct hs_epoch *e); /* the last one wipes the key */
/* hs_epoch_start - at its first use: the window is [now, now + 600 s]. */
void hs_epoch_start(struct hs_epoch *e, uint64_t now);

/* The relay's side of every handshake; borrowed, must outlive them all. */
struct hs_server_conf {
	struct suite_list suites; /* in the relay's order */
	const struct rsa_key *sik;
	struct span server_cert, ca_cert;
	const struct cert_anchor *anchor; /* of ca_cert, or NULL */
	const char *relay;
	struct hs_limits limits;
};

/* What M1 says before anything is spent on it. */
struct hs_m1_peek {
	enum hs_mode mode;
	uint8_t token_id[INVITE_TOKEN_ID_LEN]; /* HS_ENROL */
	uint8_t cookie[HS_COOKIE_LEN];         /* zero: none */
	uint8_t nonce[HS_NONCE_LEN];
	uint8_t answer[8];
	uint8_t ticket[HS_TICKET_LEN]; /* HS_RESUME */
};
enum sotto_err hs_m1_peek(struct hs_m1_peek *out, struct span frame);

/*
 * Cookies: the relay keeps nothing for a client that was asked to solve a
 * puzzle.  addr is the peer's address without the port; slot counts the half
 * minutes of any clock of the relay's.
 */
void hs_cookie_make(uint8_t cookie[HS_COOKIE_LEN], const struct key *k,
    struct span addr, uint64_t slot, uint8_t difficulty);
/* hs_cookie_check - made for addr, at most one slot old, puzzle solved. */
int hs_cookie_check(const struct hs_m1_peek *m1, const struct key *k,
    struct span addr, uint64_t slot);
/* hs_write_retry, hs_write_fail - whole frames. */
void hs_write_retry(struct wr *out, const uint8_t cookie[HS_COOKIE_LEN],
    uint8_t difficulty);
void hs_write_fail(struct wr *out, enum hs_fail code);

struct hs_server; /* secret inside */

struct hs_server *hs_server_new(const struct hs_server_conf *conf,
    const struct rng *g);
void hs_server_free(struct hs_server *s); /* wipes; accepts NULL */

/*
 * hs_server_m1 - the first frame.  psk is the invite's (HS_ENROL), NULL else;
 * the binder is checked before anything is spent.  Refs epoch.
 * Answers HS_JOB, or HS_FAILED.
 */
enum hs_event hs_server_m1(struct hs_server *s, struct span frame,
    const struct key *psk, struct hs_epoch *epoch);

/*
 * hs_server_resume - the first frame, with a ticket of that user's that is
 * good: M2R to out.  Its M3R answers HS_PROVEN, and hs_server_finish() has
 * nothing to write.  (A ticket that is not good: hs_server_m1(), as a login.)
 */
enum hs_event hs_server_resume(struct hs_server *s, struct span frame,
    const struct key *psk, const struct name *user, uint64_t now,
    struct wr *out);

/* hs_server_in - the frames after M1. */
enum hs_event hs_server_in(struct hs_server *s, struct span frame);

struct hs_job *hs_server_job(struct hs_server *s);
/* M2 goes to out after the first job. */
enum hs_event hs_server_job_done(struct hs_server *s, struct hs_job *j,
    struct wr *out);

/* After HS_NAMED: who it claims to be, and how. */
const struct name *hs_server_name(const struct hs_server *s);
enum hs_mode hs_server_mode(const struct hs_server *s);

/*
 * hs_server_account - what the relay knows of that name.  spki is empty for an
 * unknown one (a dummy is then verified, at the same cost); in HS_ENROL it is
 * not looked at.  No job: with a public key it is as cheap as X25519.
 * Answers HS_PROVEN, or HS_FAILED.
 */
enum hs_event hs_server_account(struct hs_server *s, struct span spki,
    uint64_t now);

/* After HS_PROVEN: why the proven user still cannot come in, or HS_WELCOME. */
enum hs_status hs_server_status(const struct hs_server *s);
/* After HS_PROVEN in HS_ENROL: the new user's key and device certificate. */
const struct rsa_pub *hs_server_new_key(const struct hs_server *s);
struct span hs_server_device_cert(const struct hs_server *s);

/*
 * hs_server_finish - M4 to out.  Answers HS_DONE; with any other status than
 * HS_WELCOME the frame says so and the connection has to be closed: HS_FAILED.
 */
enum hs_event hs_server_finish(struct hs_server *s, enum hs_status status,
    uint64_t now, struct wr *out);

/* For the log: the true cause.  For the wire: hs_server_fail(). */
enum hs_fault hs_server_fault(const struct hs_server *s);
enum cert_fault hs_server_cert_fault(const struct hs_server *s);
enum hs_fail hs_server_fail(const struct hs_server *s);
const struct hs_keys *hs_server_keys(const struct hs_server *s);

#endif
