/* Right: one thread, poll(), blocking sends. */
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 300
static struct pollfd fds[MOST];
static char names[MOST][64], ips[MOST][20];
static int count = 1;

static void everybody(const char *text, size_t length, int but) {
    for (int i = 1; i < count; i++)
        if (i != but && names[i][0]) send(fds[i].fd, text, length, MSG_NOSIGNAL);
}

static void roster(void) {
    static char text[MOST * 96];
    size_t at = sprintf(text, "!{");
    const char *comma = "";
    for (int i = 1; i < count; i++)
        if (names[i][0]) { at += sprintf(text + at, "%s\"%s\": \"%s\"", comma, names[i], ips[i]); comma = ", "; }
    at += sprintf(text + at, "}");
    everybody(text, at, 0);
}

int main(int argc, char **argv) {
    int on = 1;
    struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = INADDR_ANY };
    fds[0].fd = socket(AF_INET, SOCK_STREAM, 0);
    fds[0].events = POLLIN;
    setsockopt(fds[0].fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fds[0].fd, (void *)&me, sizeof me) || listen(fds[0].fd, 128)) { perror("chat"); return 1; }
    for (;;) {
        poll(fds, count, -1);
        for (int i = count - 1; i > 0; i--) {
            if (!fds[i].revents) continue;
            char piece[1025], text[1200];
            ssize_t n = recv(fds[i].fd, piece, 1024, 0);
            if (n > 0 && !names[i][0]) {
                piece[n] = 0;
                piece[strcspn(piece, "\r\n")] = 0;
                snprintf(names[i], sizeof names[i], "%s", piece);
                roster();
            } else if (n > 0) {
                int k = sprintf(text, "%s: ", names[i]);
                memcpy(text + k, piece, n);
                text[k + n] = ' ';
                everybody(text, k + n + 1, i);
            } else {
                close(fds[i].fd);
                count--;
                fds[i] = fds[count];
                memmove(names[i], names[count], sizeof names[i]);
                memmove(ips[i], ips[count], sizeof ips[i]);
                roster();
            }
        }
        if (fds[0].revents && count < MOST) {
            struct sockaddr_in peer;
            socklen_t length = sizeof peer;
            fds[count] = (struct pollfd){ accept(fds[0].fd, (void *)&peer, &length), POLLIN, 0 };
            names[count][0] = 0;
            inet_ntop(AF_INET, &peer.sin_addr, ips[count], sizeof ips[count]);
            count++;
        }
    }
}
