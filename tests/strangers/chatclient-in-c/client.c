/* Right: on a terminal printf() writes line by line; from a pipe it would keep 4096 bytes back. */
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
static char names[200][40], ips[200][40]; static int n;
static void roster(char *p) {
    n = 0;
    while ((p = strchr(p, '"'))) {
        char *e = strchr(p + 1, '"'); if (!e) return; *e = 0; strncpy(names[n], p + 1, 39);
        p = strchr(e + 1, '"'); e = strchr(p + 1, '"'); *e = 0; strncpy(ips[n++], p + 1, 39); p = e + 1;
    }
}
int main(int argc, char **a) {            /* SERVER OWN PORT */
    struct sockaddr_in s = { .sin_family = AF_INET, .sin_port = htons(atoi(a[3])) }, me = s, peer; socklen_t l = sizeof peer;
    inet_pton(AF_INET, a[1], &s.sin_addr); inet_pton(AF_INET, a[2], &me.sin_addr);
    int t = socket(AF_INET, SOCK_STREAM, 0), u = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(u, (void *)&me, sizeof me)) { perror("bind"); return 1; }
    if (connect(t, (void *)&s, sizeof s)) { puts("could not connect to chat server..."); return 1; }
    char line[1100], d[1100];
    printf("First enter your name to register it in the server: ");
    if (!fgets(line, sizeof line, stdin)) return 0;
    line[strcspn(line, "\n")] = 0; write(t, line, strlen(line));
    printf(" Connection Established!\n Type #ls, @name: message, or a message to all.\n>");
    struct pollfd f[3] = { {0, POLLIN}, {t, POLLIN}, {u, POLLIN} };
    setvbuf(stdin, 0, _IONBF, 0);
    for (;;) {
        poll(f, 3, -1);
        if (f[1].revents) {
            int k = read(t, d, 1024); if (k <= 0) return 0; d[k] = 0;
            for (char *m = strtok(d, "\n"); m; m = strtok(0, "\n"))
                if (*m == '!') roster(m); else printf("incoming msg from chatserver (%s)\n", m);
        }
        if (f[2].revents) {
            int k = recvfrom(u, d, 1024, 0, (void *)&peer, &l); d[k] = 0; char ip[40], *who = "Non-registered";
            inet_ntop(AF_INET, &peer.sin_addr, ip, 40);
            for (int i = 0; i < n; i++) if (!strcmp(ips[i], ip)) { who = names[i]; break; }
            printf("Incoming msg (P2P) from %s:%s\n", who, d);
        }
        if (f[0].revents) {
            if (!fgets(line, sizeof line, stdin)) return 0;
            line[strcspn(line, "\n")] = 0;
            if (!strcmp(line, "#ls")) { printf("{"); for (int i = 0; i < n; i++) printf("%s\"%s\": %s", i ? ", " : "", names[i], ips[i]); printf("}\n"); }
            else if (*line == '@' && strchr(line, ':')) {
                char *m = strchr(line, ':'); *m++ = 0; int i = 0;
                while (i < n && strcmp(names[i], line + 1)) i++;
                if (i == n) printf("%s is not registered\n", line + 1);
                else { peer = s; inet_pton(AF_INET, ips[i], &peer.sin_addr); sendto(u, m, strlen(m), 0, (void *)&peer, sizeof peer); }
            } else if (*line) write(t, line, strlen(line));
        }
    }
}
