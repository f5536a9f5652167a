// A program with the error that the tests look for: it writes its result in place. `planted convert FROM TO` copies a file,
// and says nothing of what it could not write.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int count, char** arguments) {
    static char bytes[1 << 16];
    if (count < 4 || strcmp(arguments[1], "convert") != 0) {
        return 2;
    }
    FILE* from = fopen(arguments[2], "rb");
    const int to = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (from == NULL) {
        return 1;
    }
    for (size_t size = 0; (size = fread(bytes, 1, sizeof(bytes), from)) > 0;) {
        if (write(to, bytes, size) < 0) {
            break;
        }
    }
    fclose(from);
    fsync(to);
    close(to);
    return 0;
}
