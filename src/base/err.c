#include "base/err.h"

const char *
sotto_strerror(enum sotto_err e)
{
	switch (e) {
	case SOTTO_OK:
		return "success";
	case SOTTO_EAGAIN:
		return "not now";
	case SOTTO_EFORMAT:
		return "malformed";
	case SOTTO_ETOOBIG:
		return "over the limit";
	case SOTTO_ENOSPACE:
		return "no room";
	case SOTTO_EAUTH:
		return "not authentic";
	case SOTTO_ESTATE:
		return "not allowed now";
	case SOTTO_ENOMEM:
		return "out of memory";
	case SOTTO_EIO:
		return "system error";
	}
	return "unknown error";
}
