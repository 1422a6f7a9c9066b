/* Right, in C: a process for each client. */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    int on = 1, server = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&me, sizeof me) < 0) { perror("bind"); return 1; }
    listen(server, 5);
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(server, NULL, NULL);
        if (client < 0) continue;
        if (fork() == 0) {
            unsigned char buffer[1024];
            ssize_t length = read(client, buffer, sizeof buffer);
            for (ssize_t i = 0; i < length; i++)
                if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
            if (length > 0) write(client, buffer, length);
            _exit(0);
        }
        close(client);
    }
}
