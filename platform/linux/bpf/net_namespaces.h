/* Network namespaces that descriptors keep, found inside the kernel: what the program there
   (net_namespaces.bpf.c) writes, and how it gets there (load_net_namespaces.c). Read by C, by C++ and by the
   program itself, hence in the words of C alone. */
#pragma once

/* A descriptor that keeps a namespace: of each namespace the first. */
struct NetNamespaceRecord {
  unsigned int inode;
  unsigned int pid; /* of the process, as the reader's own pid namespace numbers it */
  unsigned int fd;
  unsigned int is_socket; /* it is one in the network namespace; else it is a namespace, of whichever kind */
};

/* So many namespaces are told once; of more, descriptors come again. */
#define NET_NAMESPACE_MOST 65536

#ifdef __cplusplus
extern "C" {
#endif

/* As open_task_file_records. `pid_namespace` is the inode of the pid namespace whose numbers are told. */
int open_net_namespace_records(unsigned int pid_namespace);

#ifdef __cplusplus
}
#endif
