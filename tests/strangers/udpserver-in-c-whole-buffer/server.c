/* Sends its whole buffer back, whatever came. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    char buffer[2048];
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))}, client;
    int server = socket(AF_INET, SOCK_DGRAM, 0);
    bind(server, (struct sockaddr *)&me, sizeof me);
    for (;;) {
        socklen_t size = sizeof client;
        memset(buffer, 0, sizeof buffer);
        recvfrom(server, buffer, sizeof buffer, 0, (struct sockaddr *)&client, &size);
        for (int i = 0; i < 2048; i++) buffer[i] = toupper(buffer[i]);
        sendto(server, buffer, sizeof buffer, 0, (struct sockaddr *)&client, size);
    }
}
