/* Right: epoll, getaddrinfo, IPv6 and IPv4 on one socket. */
#include <ctype.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    struct addrinfo h = {0}, *r;
    h.ai_family = AF_INET6; h.ai_socktype = SOCK_DGRAM; h.ai_flags = AI_PASSIVE;
    if (getaddrinfo(NULL, argc > 1 ? argv[1] : "12000", &h, &r)) return 1;
    int s = socket(r->ai_family, r->ai_socktype, 0), no = 0;
    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
    if (bind(s, r->ai_addr, r->ai_addrlen)) { perror("bind"); return 1; }
    int e = epoll_create1(0);
    struct epoll_event ev = { .events = EPOLLIN }, got;
    epoll_ctl(e, EPOLL_CTL_ADD, s, &ev);
    static unsigned char b[65536];
    for (;;) {
        if (epoll_wait(e, &got, 1, -1) < 1) continue;
        struct sockaddr_storage from; socklen_t len = sizeof from;
        ssize_t n = recvfrom(s, b, sizeof b, 0, (struct sockaddr *)&from, &len);
        if (n < 0) continue;
        for (ssize_t i = 0; i < n; i++) b[i] = toupper(b[i]);
        sendto(s, b, n, 0, (struct sockaddr *)&from, len);
    }
}
