// What the shims share: which call to hit, as the environment says, and the log of the calls counted.
//   LACT_FAULT_CALL     name of the call to hit ("write", "malloc", "vkQueueSubmit2", …); "any": each
//   LACT_FAULT_AT       its number, from 1; without it nothing is hit, only counted
//   LACT_FAULT_STICKY   1: all calls from that number on
//   LACT_FAULT_LOG      file that gets a line a call
#pragma once

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

struct fault {
    const char* call;  // NULL: none
    unsigned long at;
    bool sticky;
    int log;  // -1: none
    atomic_ulong count;
};

static inline unsigned long shim_number(const char* name) {
    const char* value = getenv(name);
    return value != NULL ? strtoul(value, NULL, 10) : 0;
}

/// Whether this process is the program itself, not one that it starts.
static inline bool shim_in_program(void) {
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
    if (length <= 0) {
        return false;
    }
    path[length] = '\0';
    const char* name = strrchr(path, '/');
    return name != NULL && strncmp(name + 1, "lactscope", 9) == 0;
}

static inline void shim_start(struct fault* fault) {
    fault->log = -1;
    if (!shim_in_program()) {
        return;
    }
    fault->call = getenv("LACT_FAULT_CALL");
    fault->at = shim_number("LACT_FAULT_AT");
    fault->sticky = shim_number("LACT_FAULT_STICKY") != 0;
    const char* log = getenv("LACT_FAULT_LOG");
    if (log != NULL) {
        fault->log = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    }
}

/// Appends a line in one system call, which the shims do not count.
static inline void shim_log(const struct fault* fault, const char* call, const char* what) {
    if (fault->log >= 0) {
        char line[4400];
        const int length = snprintf(line, sizeof(line), "%s %s\n", call, what);
        syscall(SYS_write, fault->log, line, (size_t)length);
    }
}

/// Counts a call; whether it is to be hit, of which the log gets the line "failed CALL".
static inline bool shim_hits(struct fault* fault, const char* call) {
    if (fault->call == NULL || (strcmp(fault->call, call) != 0 && strcmp(fault->call, "any") != 0)) {
        return false;
    }
    const unsigned long number = atomic_fetch_add(&fault->count, 1) + 1;
    const bool hit = fault->at != 0 && (number == fault->at || (fault->sticky && number > fault->at));
    if (hit) {
        shim_log(fault, "failed", call);
    }
    return hit;
}
