/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends Ethernet frames that a container may send, and says which ones arrive.
 *
 *   frame IFACE send FROM TO TEXT [COUNT]     frames of our own with this text
 *   frame IFACE bpdu FROM                     a configuration BPDU that claims to be the root
 *   frame IFACE igmp FROM COUNT               reports of that many multicast groups
 *   frame IFACE advertise FROM                an IPv6 router advertisement
 *   frame IFACE datagram FROM TO SOURCE DEST  a datagram of UDP between two addresses of IPv4
 *   frame IFACE tagged FROM TO TEXT VID       the first, with a tag of this VLAN
 *   frame IFACE arp FROM ADDRESS              to everybody: the IPv4 address is at FROM
 *   frame IFACE flood FROM TO TEXT            the first again and again
 *   frame IFACE until TEXT                    what comes in
 *
 * `flood` begins as soon as there is such an interface and it is up, and goes on until it is
 * ended. `until` prints "ready", then the source and the text of each frame of our own, and
 * "bpdu" for a BPDU, until one with this text has come; at most a minute.
 *
 * Addresses are written as ip(8) does.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define OURS 0x88b5 /* IEEE 802 local experimental Ethertype 1 */
#define HEAD 14
#define TEXT_MAX 32

struct frame {
	unsigned char bytes[128];
	size_t len;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void put(struct frame *frame, const void *bytes, size_t len)
{
	memcpy(frame->bytes + frame->len, bytes, len);
	frame->len += len;
}

static void put_mac(struct frame *frame, const char *text)
{
	unsigned mac[6];

	if (sscanf(text, "%x:%x:%x:%x:%x:%x", &mac[0], &mac[1], &mac[2], &mac[3], &mac[4],
		    &mac[5]) != 6)
		exit(2);
	for (int i = 0; i < 6; i++)
		frame->bytes[frame->len++] = (unsigned char)mac[i];
}

static struct frame begin(const char *to, const char *from, uint16_t type)
{
	struct frame ret = {.len = 0};
	uint16_t big = htons(type);

	put_mac(&ret, to);
	put_mac(&ret, from);
	put(&ret, &big, sizeof big);
	return ret;
}

static uint16_t checksum(const unsigned char *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

static struct frame text_frame(const char *from, const char *to, const char *text)
{
	struct frame ret = begin(to, from, OURS);
	char padded[TEXT_MAX + 16] = "";

	snprintf(padded, TEXT_MAX, "%s", text);
	put(&ret, padded, sizeof padded);
	return ret;
}

static struct frame tagged_frame(
	const char *from, const char *to, const char *text, unsigned vid)
{
	struct frame plain = text_frame(from, to, text), ret = begin(to, from, ETH_P_8021Q);
	uint16_t tag = htons((uint16_t)vid);

	put(&ret, &tag, sizeof tag);
	put(&ret, plain.bytes + HEAD - 2, plain.len - HEAD + 2);
	return ret;
}

static struct frame arp(const char *from, const char *address)
{
	static const unsigned char head[] = {0, 1, 8, 0, 6, 4, 0, 2};
	struct frame ret = begin("ff:ff:ff:ff:ff:ff", from, ETH_P_ARP);
	struct in_addr at;

	if (inet_pton(AF_INET, address, &at) != 1)
		exit(2);
	put(&ret, head, sizeof head);
	put_mac(&ret, from);
	put(&ret, &at, sizeof at);
	put_mac(&ret, "ff:ff:ff:ff:ff:ff");
	put(&ret, &at, sizeof at);
	return ret;
}

static struct frame bpdu(const char *from)
{
	struct frame ret = begin("01:80:c2:00:00:00", from, 38);
	unsigned char body[46] = {0x42, 0x42, 0x03};

	/* Of root 0 and bridge 0, at cost 0, from port 0x8001, with a maximum age of 20 s. */
	body[25 + 3] = 0x80;
	body[26 + 3] = 0x01;
	body[29 + 3] = 20;
	body[31 + 3] = 2;
	body[33 + 3] = 15;
	put(&ret, body, sizeof body);
	return ret;
}

static struct frame igmp(const char *from, unsigned n)
{
	char to[32];
	unsigned char ip[24] = {0x46, 0xc0, 0, 32, 0, 0, 0, 0, 1, 2, 0, 0, 10, 9, 0, 2, 239, 1,
		(unsigned char)(n >> 8), (unsigned char)n, 0x94, 4, 0, 0};
	unsigned char report[8] = {
		0x16, 0, 0, 0, 239, 1, (unsigned char)(n >> 8), (unsigned char)n};
	struct frame ret;
	uint16_t sum;

	snprintf(to, sizeof to, "01:00:5e:01:%02x:%02x", n >> 8 & 0xff, n & 0xff);
	ret = begin(to, from, ETH_P_IP);
	sum = checksum(ip, sizeof ip, 0);
	memcpy(ip + 10, &sum, sizeof sum);
	sum = checksum(report, sizeof report, 0);
	memcpy(report + 2, &sum, sizeof sum);
	put(&ret, ip, sizeof ip);
	put(&ret, report, sizeof report);
	return ret;
}

static struct frame advertisement(const char *from)
{
	struct frame ret = begin("33:33:00:00:00:01", from, ETH_P_IPV6);
	unsigned char ip[40] = {0x60, 0, 0, 0, 0, 16, 58, 255, 0xfe,
		0x80, [23] = 0x66, [24] = 0xff, [25] = 0x02, [39] = 1};
	unsigned char icmp[16] = {134, 0, 0, 0, 64, 0, 0x07, 0x08};
	uint32_t pseudo = 16 + 58;
	uint16_t sum;

	for (size_t i = 8; i < sizeof ip; i += 2)
		pseudo += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = checksum(icmp, sizeof icmp, pseudo);
	memcpy(icmp + 2, &sum, sizeof sum);
	put(&ret, ip, sizeof ip);
	put(&ret, icmp, sizeof icmp);
	return ret;
}

/* To port 9, from port 9. */
static struct frame datagram(
	const char *from, const char *to, const char *source, const char *destination)
{
	struct frame ret = begin(to, from, ETH_P_IP);
	unsigned char ip[20] = {0x45, 0, 0, 36, 0, 0, 0, 0, 64, 17};
	const unsigned char udp[16] = {0, 9, 0, 9, 0, 16};
	uint16_t sum;

	if (inet_pton(AF_INET, source, ip + 12) != 1 ||
		inet_pton(AF_INET, destination, ip + 16) != 1)
		exit(2);
	sum = checksum(ip, sizeof ip, 0);
	memcpy(ip + 10, &sum, sizeof sum);
	put(&ret, ip, sizeof ip);
	put(&ret, udp, sizeof udp);
	return ret;
}

static int open_packet(const char *iface)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
		.sll_ifindex = (int)if_nametoindex(iface)};
	struct packet_mreq all = {.mr_ifindex = at.sll_ifindex, .mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	if (fd < 0 || at.sll_ifindex == 0 || bind(fd, (struct sockaddr *)&at, sizeof at) < 0 ||
		setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all, sizeof all) < 0)
		die(iface);
	return fd;
}

static void send_one(int fd, const struct frame *frame)
{
	if (send(fd, frame->bytes, frame->len, 0) != (ssize_t)frame->len)
		die("send");
}

static void until(int fd, const char *text)
{
	alarm(60);
	puts("ready");
	fflush(stdout);
	for (;;) {
		struct sockaddr_ll from = {0};
		socklen_t len = sizeof from;
		unsigned char got[2048] = "";
		ssize_t n =
			recvfrom(fd, got, sizeof got - 1, 0, (struct sockaddr *)&from, &len);

		if (n < 0)
			die("recv");
		if (n < HEAD || from.sll_pkttype == PACKET_OUTGOING)
			continue;
		if (memcmp(got, "\x01\x80\xc2\0\0\0", 6) == 0)
			puts("bpdu");
		if ((got[12] << 8 | got[13]) != OURS)
			continue;
		got[n < HEAD + TEXT_MAX ? n : HEAD + TEXT_MAX] = '\0';
		printf("%02x:%02x:%02x:%02x:%02x:%02x %s\n", got[6], got[7], got[8], got[9],
			got[10], got[11], (const char *)got + HEAD);
		if (strcmp((const char *)got + HEAD, text) == 0)
			exit(0);
	}
}

/* Errors are those of an interface that is not up, or not there any more. */
static void flood(const char *iface, const struct frame *frame)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);

	for (;;) {
		const struct timespec pause = {.tv_nsec = 20000};

		at.sll_ifindex = (int)if_nametoindex(iface);
		if (!at.sll_ifindex || sendto(fd, frame->bytes, frame->len, 0,
					       (struct sockaddr *)&at, sizeof at) < 0)
			nanosleep(&pause, NULL);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[2] : "";
	struct frame frame;
	unsigned count = 1;
	int fd;

	if (strcmp(what, "flood") == 0 && argc == 6) {
		frame = text_frame(argv[3], argv[4], argv[5]);
		flood(argv[1], &frame);
	}
	fd = argc > 3 ? open_packet(argv[1]) : -1;
	if (strcmp(what, "until") == 0 && argc == 4)
		until(fd, argv[3]);
	if (strcmp(what, "send") == 0 && argc >= 6) {
		frame = text_frame(argv[3], argv[4], argv[5]);
		if (argc > 6)
			count = (unsigned)atoi(argv[6]);
	} else if (strcmp(what, "tagged") == 0 && argc == 7) {
		frame = tagged_frame(argv[3], argv[4], argv[5], (unsigned)atoi(argv[6]));
	} else if (strcmp(what, "arp") == 0 && argc == 5) {
		frame = arp(argv[3], argv[4]);
	} else if (strcmp(what, "bpdu") == 0 && argc == 4) {
		frame = bpdu(argv[3]);
	} else if (strcmp(what, "datagram") == 0 && argc == 7) {
		frame = datagram(argv[3], argv[4], argv[5], argv[6]);
	} else if (strcmp(what, "advertise") == 0 && argc == 4) {
		frame = advertisement(argv[3]);
	} else if (strcmp(what, "igmp") == 0 && argc == 5) {
		for (unsigned i = 0; i < (unsigned)atoi(argv[4]); i++) {
			frame = igmp(argv[3], i);
			send_one(fd, &frame);
		}
		return 0;
	} else {
		return 2;
	}
	for (unsigned i = 0; i < count; i++)
		send_one(fd, &frame);
	return 0;
}
