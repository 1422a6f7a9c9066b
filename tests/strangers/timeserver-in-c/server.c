/* Right, in C; its port is written in. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int serve(int client, struct sockaddr_in *from) {
    char text[1025], answer[128];
    struct timeval patience = {.tv_sec = 15};
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    snprintf(answer, sizeof answer, "You are connected from %s:%d\n", inet_ntoa(from->sin_addr), ntohs(from->sin_port));
    send(client, answer, strlen(answer), MSG_NOSIGNAL);
    for (;;) {
        ssize_t length = recv(client, text, sizeof text - 1, 0);
        if (length <= 0) return 0;
        text[length] = 0;
        char *word = text + strspn(text, " \t\r\n");
        for (char *end = word + strlen(word); end > word && strchr(" \t\r\n", end[-1]);) *--end = 0;
        if (!strcmp(word, "EXIT")) return 1;
        time_t now = time(NULL);
        const char *said = strcmp(word, "TIME") ? "Invalid command!\n" : ctime(&now);
        if (send(client, said, strlen(said), MSG_NOSIGNAL) < 0) return 0;
    }
}

int main(void) {
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_port = htons(8080)}, from;
    int on = 1, stop = 0, server = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(server, (struct sockaddr *)&me, sizeof me) < 0) { perror("bind"); return 1; }
    listen(server, 5);
    while (!stop) {
        socklen_t size = sizeof from;
        int client = accept(server, (struct sockaddr *)&from, &size);
        if (client < 0) continue;
        stop = serve(client, &from);
        close(client);
    }
    close(server);
    return 0;
}
