/* Right, in C. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    static unsigned char buffer[65536];
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))}, client;
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    if (bind(server, (struct sockaddr *)&me, sizeof me) < 0) { perror("bind"); return 1; }
    printf("The server is ready to receive\n");
    for (;;) {
        socklen_t size = sizeof client;
        ssize_t length = recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&client, &size);
        if (length < 0) continue;
        for (ssize_t i = 0; i < length; i++)
            if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
        sendto(server, buffer, length, 0, (struct sockaddr *)&client, size);
    }
}
