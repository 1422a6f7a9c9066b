/* Right: one client after the other, one read of at most 2048 bytes. */
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    int door = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct sockaddr_in me = { .sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = INADDR_ANY };
    setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    signal(SIGPIPE, SIG_IGN);
    if (bind(door, (struct sockaddr *)&me, sizeof me) < 0 || listen(door, 10) < 0) { perror("server"); return 1; }
    printf("waiting at port %s\n", argv[1]);
    for (;;) {
        int c = accept(door, NULL, NULL);
        char request[2049], path[1024];
        ssize_t n = read(c, request, 2048);
        if (n > 0) {
            request[n] = 0;
            FILE *f = NULL;
            struct stat st;
            if (sscanf(request, "GET /%1023s", path) == 1 && stat(path, &st) == 0 && S_ISREG(st.st_mode)) f = fopen(path, "rb");
            if (f) {
                char head[100], buf[4096];
                size_t k;
                int h = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", (long)st.st_size);
                write(c, head, h);
                while ((k = fread(buf, 1, sizeof buf, f)) > 0) write(c, buf, k);
                fclose(f);
            } else {
                const char *no = "HTTP/1.1 404 Not Found\r\n\r\n<html><h1>404 Not Found</h1></html>";
                write(c, no, strlen(no));
            }
        }
        close(c);
    }
}
