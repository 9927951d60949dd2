//! The system calls a command makes, as strace(1) records them, and which of them are points to stop it at.
//! Nothing is forgotten: a name that is neither known to change something nor known to be harmless is an error.

use std::collections::{BTreeMap, BTreeSet};

/// What makes something true: on a disk, for another process, for a person.
const CHANGING: [&str; 56] = [
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "pwritev2",
    "sendto",
    "sendmsg",
    "sendfile",
    "copy_file_range",
    "splice",
    "fsync",
    "fdatasync",
    "sync",
    "syncfs",
    "sync_file_range",
    "msync",
    "ftruncate",
    "truncate",
    "fallocate",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "mknod",
    "mknodat",
    "chmod",
    "fchmod",
    "fchmodat",
    "chown",
    "fchown",
    "fchownat",
    "utimensat",
    "mount",
    "clone",
    "clone3",
    "fork",
    "vfork",
    "execve",
    "execveat",
    "wait4",
    "waitid",
    "flock",
    "kill",
    "tgkill",
    "setxattr",
    "fsetxattr",
    "ioctl",
    "exit_group",
];

/// These change something when they are told to make or to empty what they open.
const OPENING: [&str; 4] = ["open", "openat", "openat2", "creat"];

/// What only looks, or changes this process alone. Locks of fcntl(2) end with the process.
const HARMLESS: [&str; 91] = [
    "access",
    "faccessat",
    "faccessat2",
    "alarm",
    "arch_prctl",
    "bind",
    "brk",
    "capget",
    "chdir",
    "fchdir",
    "clock_gettime",
    "clock_nanosleep",
    "close",
    "close_range",
    "connect",
    "dup",
    "dup2",
    "dup3",
    "epoll_create1",
    "epoll_ctl",
    "epoll_wait",
    "eventfd2",
    "exit",
    "fcntl",
    "flistxattr",
    "fstat",
    "fstatfs",
    "futex",
    "getcwd",
    "getdents64",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getpeername",
    "getpgrp",
    "getpgid",
    "getpid",
    "getppid",
    "getpriority",
    "getrandom",
    "getrlimit",
    "getrusage",
    "getsid",
    "getsockname",
    "getsockopt",
    "gettid",
    "gettimeofday",
    "getuid",
    "getxattr",
    "inotify_add_watch",
    "inotify_init1",
    "lseek",
    "lstat",
    "madvise",
    "mmap",
    "mprotect",
    "mremap",
    "munmap",
    "nanosleep",
    "newfstatat",
    "pidfd_open",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "prctl",
    "pread64",
    "prlimit64",
    "pselect6",
    "read",
    "readlink",
    "readlinkat",
    "readv",
    "recvfrom",
    "recvmsg",
    "rseq",
    "rt_sigaction",
    "rt_sigprocmask",
    "rt_sigreturn",
    "rt_sigtimedwait",
    "sched_getaffinity",
    "sched_yield",
    "select",
    "set_robust_list",
    "set_tid_address",
    "sigaltstack",
    "socket",
    "socketpair",
    "stat",
    "statfs",
];
/// The same, going on.
const HARMLESS_TOO: [&str; 12] = [
    "statx",
    "sysinfo",
    "time",
    "umask",
    "uname",
    "setsid",
    "setpgid",
    "setrlimit",
    "restart_syscall",
    "shutdown",
    "listen",
    "setsockopt",
];

/// One system call of the command itself, by name and by how many of that name came before, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub call: String,
    pub at: usize,
}

impl Point {
    /// As strace takes it: `fsync:signal=SIGKILL:when=3`.
    pub fn inject(&self, what: &str, from_then_on: bool) -> [String; 4] {
        let more = if from_then_on { "+" } else { "" };
        let (trace, inject) =
            (format!("trace={}", self.call), format!("inject={}:{what}:when={}{more}", self.call, self.at));
        ["-e".to_owned(), trace, "-e".to_owned(), inject]
    }
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.call, self.at)
    }
}

/// Reads a trace made with `strace -f`: every point of the process it begins with, in order.
pub fn points_of(trace: &str) -> Result<Vec<Point>, String> {
    let mut made = BTreeMap::<&str, usize>::new();
    let (mut points, mut unknown) = (Vec::new(), Vec::new());
    let mut main = None;
    let mut begun = BTreeSet::new();
    for line in trace.lines() {
        let Some((pid, call)) = line.split_once(' ') else { continue };
        let Some((name, rest)) = call.trim_start().split_once('(') else { continue };
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        {
            continue;
        }
        let first = *main.get_or_insert(pid) == pid;
        // What the command executes is not ours any more; what it does before, as our child, is.
        if begun.contains(pid) {
            continue;
        }
        if !first && name == "execve" {
            begun.insert(pid);
        }
        let opens = OPENING.contains(&name);
        let changes =
            CHANGING.contains(&name) || opens && (rest.contains("O_CREAT") || rest.contains("O_TRUNC"));
        if !changes && !opens && !HARMLESS.contains(&name) && !HARMLESS_TOO.contains(&name) {
            unknown.push(name.to_owned());
        }
        if rest.contains("CLONE_THREAD") {
            unknown.push("a thread, which the sweep does not follow".to_owned());
        }
        if first {
            let count = made.entry(name).or_default();
            *count += 1;
            // The first of these is how strace starts it.
            if changes && !(name == "execve" && *count == 1) {
                points.push(Point { call: name.to_owned(), at: *count });
            }
        }
    }
    if unknown.is_empty() { Ok(points) } else { Err(format!("nobody has said what these do: {unknown:?}")) }
}

/// About `most` of them, evenly: of what there is much of (pages written), and of all the rest.
pub fn sample(points: Vec<Point>, most: usize) -> Vec<Point> {
    let (pages, rest): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.call == "pwrite64");
    let evenly = |points: Vec<Point>, most: usize| {
        let step = points.len().div_ceil(most).max(1);
        // The last ones lie behind the answer.
        points.into_iter().rev().step_by(step).collect::<Vec<_>>()
    };
    [evenly(rest, most - most / 4), evenly(pages, most / 4)].concat()
}

#[test]
fn a_call_that_nobody_has_judged_is_an_error() {
    let known = "7 openat(AT_FDCWD, \"q\", O_RDWR|O_CREAT, 0600) = 3\n7 openat(AT_FDCWD, \"q\", O_RDONLY) = 3\n\
                 7 fsync(3) = 0\n8 dup2(1, 2) = 2\n8 execve(\"x\", [], []) = 0\n8 io_uring_setup(1) = 3\n7 fsync(3) = 0\n";
    let points = points_of(known).unwrap();
    let points: Vec<String> = points.iter().map(ToString::to_string).collect();
    assert_eq!(points, ["openat 1", "fsync 1", "fsync 2"]);
    assert!(points_of("7 io_uring_setup(1, {}) = 3\n").unwrap_err().contains("io_uring_setup"));
    assert!(points_of("7 clone3({flags=CLONE_VM|CLONE_THREAD}) = 8\n").unwrap_err().contains("thread"));
}
