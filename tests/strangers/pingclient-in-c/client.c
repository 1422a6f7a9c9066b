/* Right, in C, with words of its own. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct timeval second = {.tv_sec = 1};
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &second, sizeof second);
    for (int i = 1; i <= 10; i++) {
        char ping[64], reply[1025];
        sprintf(ping, "Ping %d %ld", i, (long)time(NULL));
        double start = now();
        sendto(s, ping, strlen(ping), 0, (struct sockaddr *)&server, sizeof server);
        ssize_t length = recvfrom(s, reply, sizeof reply - 1, 0, NULL, NULL);
        if (length < 0) { printf("%d: lost\n", i); continue; }
        reply[length] = 0;
        printf("%d: %s, rtt=%.3fms\n", i, reply, (now() - start) * 1000);
    }
    return 0;
}
