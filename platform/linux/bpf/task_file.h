/* Sockets held by processes, listed inside the kernel: what the program there (task_file.bpf.c) writes, and
   how it gets there (load_task_file.c). Read by C, by C++ and by the program itself, hence in the words of C
   alone. */
#pragma once

/* One descriptor of one process that is a socket. */
struct TaskFileRecord {
  unsigned long long inode;
  unsigned int pid; /* of the process, as the reader's own pid namespace numbers it */
  unsigned int fd;
  char comm[16]; /* command name of the process, ends with NUL */
};

#ifdef __cplusplus
extern "C" {
#endif

/* Loads the program and starts it: a descriptor from which records are read, ordered by pid and then by fd,
   until read(2) answers 0. Nothing stays in the kernel once it is closed. Or -errno: -EPERM without CAP_BPF
   and CAP_PERFMON (CAP_SYS_ADMIN has both), others from a kernel without BPF iterators (5.8), relocation when
   loading (5.17) or its own type information. */
int open_task_file_records(void);

#ifdef __cplusplus
}
#endif
