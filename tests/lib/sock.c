#include "tests/lib/sock.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include "tests/lib/cm.h"

static struct sockaddr_in
here(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
		.sin_port = htons(port) };

	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return sa;
}

int
sock_listen(uint16_t *port)
{
	struct sockaddr_in sa = here(0);
	socklen_t n = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(listen(fd, 8), 0);
	(void)getsockname(fd, (struct sockaddr *)&sa, &n);
	*port = ntohs(sa.sin_port);
	return fd;
}

int
sock_dial(uint16_t port)
{
	struct sockaddr_in sa = here(port);
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}
