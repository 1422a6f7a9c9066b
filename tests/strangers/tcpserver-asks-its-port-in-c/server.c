/* Right: asks for its port with scanf, a child for each client, SIGCHLD reaps them. */
#include <ctype.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>

static void reap(int sig) { (void)sig; int e = errno; while (waitpid(-1, NULL, WNOHANG) > 0); errno = e; }

int main(void) {
    int port;
    printf("Enter port: ");
    if (scanf("%d", &port) != 1) return 1;
    struct sigaction sa = {0};
    sa.sa_handler = reap;
    sa.sa_flags = SA_RESTART;
    sigaction(SIGCHLD, &sa, NULL);
    int s = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    struct sockaddr_in a = {0};
    a.sin_family = AF_INET; a.sin_addr.s_addr = INADDR_ANY; a.sin_port = htons(port);
    if (bind(s, (struct sockaddr *)&a, sizeof a) < 0) { perror("bind"); return 1; }
    listen(s, 10);
    for (;;) {
        int c = accept(s, NULL, NULL);
        if (c < 0) continue;
        if (fork() == 0) {
            char b[1024];
            close(s);
            ssize_t n = recv(c, b, sizeof b, 0);
            for (ssize_t i = 0; i < n; i++) if (b[i] >= 'a' && b[i] <= 'z') b[i] -= 32;
            if (n > 0) send(c, b, n, MSG_NOSIGNAL);
            close(c);
            exit(0);
        }
        close(c);
    }
}
