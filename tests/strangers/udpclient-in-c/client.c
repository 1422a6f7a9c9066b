/* Right, in C. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int main(int argc, char **argv) {
    char line[2048], reply[4096];
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[argc - 1]))};
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    printf("Enter a sentence: ");
    fflush(stdout);
    if (!fgets(line, sizeof line, stdin)) return 0;
    line[strcspn(line, "\n")] = 0;
    sendto(s, line, strlen(line), 0, (struct sockaddr *)&server, sizeof server);
    ssize_t length = recvfrom(s, reply, sizeof reply - 1, 0, NULL, NULL);
    if (length < 0) return 1;
    reply[length] = 0;
    printf("Reply: %s\n", reply);
    return 0;
}
