#include "core/posix_errors.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace inetctl {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

// The number that a macro of <cerrno> stands for. Where this system has no such macro, what comes here is its
// name.
constexpr int number_in(std::string_view text) {
  int number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return 0;
    number = 10 * number + (c - '0');
  }
  return number;
}

constexpr PosixError row(std::string_view word, std::string_view number, std::string_view text) {
  PosixError error{.name = word.front() == 'E' ? word : "", .number = number_in(number), .text = text};
  for (const char c : word) error.letters.at(error.size++) = lower(c);
  return error;
}

// `name` is expanded to its number on the way to the second, not to the first.
#define TEXT_OF(expanded) #expanded
#define ERROR(name, text) row(#name, TEXT_OF(name), text)

constexpr PosixError kErrors[] = {
    ERROR(E2BIG, "arguments and environment are too much for a new program"),
    ERROR(EACCES, "the permissions do not allow this"),
    ERROR(EADDRINUSE, "this address and port are taken"),
    ERROR(EADDRNOTAVAIL, "no interface here has this address"),
    ERROR(EADV, "RFS: advertising a resource failed"),
    ERROR(EAFNOSUPPORT, "addresses of this family cannot be used here"),
    ERROR(EAGAIN, "not now: try once more"),
    ERROR(EALIGN, "the data is not aligned"),
    ERROR(EALREADY, "an earlier request is still under way"),
    ERROR(EBADE, "the exchange is not valid"),
    ERROR(EBADF, "no open descriptor, or not open for this"),
    ERROR(EBADFD, "the descriptor's state does not permit this"),
    ERROR(EBADMSG, "the message is damaged, or of another kind"),
    ERROR(EBADR, "the request's descriptor is not valid"),
    ERROR(EBADRPC, "the remote procedure call is malformed"),
    ERROR(EBADRQC, "the request has a code that nobody knows"),
    ERROR(EBADSLT, "no slot has this number"),
    ERROR(EBFONT, "the font file cannot be understood"),
    ERROR(EBUSY, "somebody else uses it"),
    ERROR(ECANCELED, "the operation was called off"),
    ERROR(ECHILD, "there is no child to wait for"),
    ERROR(ECHRNG, "no channel has this number"),
    ERROR(ECOMM, "sending over the link failed"),
    ERROR(ECONNABORTED, "the connection was given up on this side"),
    ERROR(ECONNREFUSED, "nobody listens there"),
    ERROR(ECONNRESET, "the peer cut the connection off"),
    ERROR(EDEADLK, "waiting for this lock would never end"),
    ERROR(EDEADLOCK, "both sides would wait for ever"),
    ERROR(EDESTADDRREQ, "no destination was given"),
    ERROR(EDIRTY, "the file system is not clean, mounting it needs force"),
    ERROR(EDOM, "the argument is outside the function's domain"),
    ERROR(EDOTDOT, "RFS: the path leads across a mount"),
    ERROR(EDQUOT, "the user's share of the disk is used up"),
    ERROR(EDUPPKG, "another package has this name"),
    ERROR(EEXIST, "something of this name is already there"),
    ERROR(EFAULT, "a pointer leads outside the memory"),
    ERROR(EFBIG, "the file would grow beyond its limit"),
    ERROR(EFTYPE, "the file has the wrong type or format"),
    ERROR(EHOSTDOWN, "the host does not answer on its link"),
    ERROR(EHOSTUNREACH, "no way leads to this host"),
    ERROR(EHWPOISON, "the memory page has a hardware fault"),
    ERROR(EIDRM, "the System V identifier was deleted meanwhile"),
    ERROR(EILSEQ, "these bytes are no character of the encoding"),
    ERROR(EINIT, "starting up failed"),
    ERROR(EINPROGRESS, "begun, but not finished yet"),
    ERROR(EINTR, "a signal came before anything was done"),
    ERROR(EINVAL, "an argument makes no sense here"),
    ERROR(EIO, "the device failed to read or write"),
    ERROR(EISCONN, "this socket has a peer already"),
    ERROR(EISDIR, "a directory, where a file was meant"),
    ERROR(EISNAM, "XENIX: the file is of a named type"),
    ERROR(EKEYEXPIRED, "the key's time is over"),
    ERROR(EKEYREJECTED, "the service does not accept the key"),
    ERROR(EKEYREVOKED, "the key was withdrawn"),
    ERROR(EL2HLT, "layer 2 has stopped"),
    ERROR(EL2NSYNC, "layer 2 is out of step"),
    ERROR(EL3HLT, "layer 3 has stopped"),
    ERROR(EL3RST, "layer 3 has started anew"),
    ERROR(ELBIN, "the inode belongs to another machine"),
    ERROR(ELIBACC, "a shared library that the program needs cannot be opened"),
    ERROR(ELIBBAD, "a shared library is damaged"),
    ERROR(ELIBEXEC, "a shared library is no program to run"),
    ERROR(ELIBMAX, "the program wants more shared libraries than it may have"),
    ERROR(ELIBSCN, "the library section of an a.out file is broken"),
    ERROR(ELNRNG, "no link has this number"),
    ERROR(ELOOP, "symbolic links lead in a circle, or too far"),
    ERROR(EMEDIUMTYPE, "the drive takes another type of medium"),
    ERROR(EMFILE, "this process has all the descriptors that it may have"),
    ERROR(EMLINK, "the file cannot have another name"),
    ERROR(EMSGSIZE, "the message does not fit into one packet"),
    ERROR(EMULTIHOP, "the path leads over more than one machine"),
    ERROR(ENAMETOOLONG, "a name or the path has too many characters"),
    ERROR(ENAVAIL, "XENIX: no such semaphore"),
    ERROR(ENET, "the network has failed"),
    ERROR(ENETDOWN, "the interface to this network is off"),
    ERROR(ENETRESET, "the network restarted and took the connection with it"),
    ERROR(ENETUNREACH, "no route leads to this network"),
    ERROR(ENFILE, "the machine has all the files open that it may have"),
    ERROR(ENOANO, "no anode is left"),
    ERROR(ENOBUFS, "the network's buffers or queues are full"),
    ERROR(ENOCSI, "no CSI structure is left"),
    ERROR(ENODATA, "there is nothing to be read, or no such attribute"),
    ERROR(ENODEV, "no driver serves this device"),
    ERROR(ENOENT, "nothing of this name exists"),
    ERROR(ENOEXEC, "the file is in no format that can be run"),
    ERROR(ENOKEY, "the key that this needs is missing"),
    ERROR(ENOLCK, "the table of locks is full"),
    ERROR(ENOLINK, "the link to the other machine broke"),
    ERROR(ENOMEDIUM, "the drive is empty"),
    ERROR(ENOMEM, "the memory is used up"),
    ERROR(ENOMSG, "the queue holds no message of that kind"),
    ERROR(ENONET, "this machine has no network"),
    ERROR(ENOPKG, "a package that this needs is missing"),
    ERROR(ENOPROTOOPT, "the protocol does not know this option"),
    ERROR(ENOSPC, "the disk is full"),
    ERROR(ENOSR, "STREAMS: nothing is left to allocate"),
    ERROR(ENOSTR, "this is no STREAMS device"),
    ERROR(ENOSYM, "a symbol could not be resolved"),
    ERROR(ENOSYS, "the kernel does not have this call"),
    ERROR(ENOTBLK, "this needs a block device"),
    ERROR(ENOTCONN, "this socket has no peer"),
    ERROR(ENOTDIR, "part of the path is no directory"),
    ERROR(ENOTEMPTY, "the directory still has entries"),
    ERROR(ENOTNAM, "XENIX: the file is of no named type"),
    ERROR(ENOTRECOVERABLE, "what the lock protects is lost for good"),
    ERROR(ENOTSOCK, "the descriptor is no socket"),
    ERROR(ENOTSUP, "this cannot be done here"),
    ERROR(ENOTTY, "the device does not take this request"),
    ERROR(ENOTUNIQ, "another machine on the network has the same name"),
    ERROR(ENXIO, "no unit stands behind this device file"),
    ERROR(EOPNOTSUPP, "this kind of socket cannot do that"),
    ERROR(EOVERFLOW, "the value needs more bits than it has"),
    ERROR(EOWNERDEAD, "the lock's holder ended without unlocking"),
    ERROR(EPERM, "only a privileged user may do this"),
    ERROR(EPFNOSUPPORT, "protocols of this family cannot be used here"),
    ERROR(EPIPE, "nobody reads at the other end"),
    ERROR(EPROCLIM, "the limit on processes is reached"),
    ERROR(EPROCUNAVAIL, "the remote program has no such procedure"),
    ERROR(EPROGMISMATCH, "the remote program has another version"),
    ERROR(EPROGUNAVAIL, "no such program answers remote calls"),
    ERROR(EPROTO, "the other side broke the protocol"),
    ERROR(EPROTONOSUPPORT, "this protocol cannot be used here"),
    ERROR(EPROTOTYPE, "the protocol does not go with this type of socket"),
    ERROR(ERANGE, "the result does not fit into its type"),
    ERROR(EREFUSED, "the request was turned down"),
    ERROR(EREMCHG, "the far end has a new address"),
    ERROR(EREMDEV, "the device is on another machine"),
    ERROR(EREMOTE, "the path lies on another machine already"),
    ERROR(EREMOTEIO, "reading or writing failed on the far side"),
    ERROR(EREMOTERELEASE, "the far end has let go"),
    ERROR(ERESTART, "the call is to be made again behind the signal"),
    ERROR(ERFKILL, "the radio is switched off"),
    ERROR(EROFS, "nothing can be written to this file system"),
    ERROR(ERPCMISMATCH, "remote calls have another version there"),
    ERROR(ERREMOTE, "the object is not on this machine"),
    ERROR(ESHUTDOWN, "this side has ended sending"),
    ERROR(ESOCKTNOSUPPORT, "sockets of this type cannot be made here"),
    ERROR(ESPIPE, "a pipe or socket has no position to go to"),
    ERROR(ESRCH, "no process or thread has this number"),
    ERROR(ESRMNT, "RFS: others have it mounted still"),
    ERROR(ESTALE, "the server no longer has the file behind this handle"),
    ERROR(ESTRPIPE, "STREAMS: the pipe failed"),
    ERROR(ESUCCESS, "no error"),
    ERROR(ETIME, "the time allowed is over"),
    ERROR(ETIMEDOUT, "the other side did not answer in time"),
    ERROR(ETOOMANYREFS, "more descriptors are on their way than may be"),
    ERROR(ETXTBSY, "the program runs, so its file cannot be written"),
    ERROR(EUCLEAN, "the file system has to be repaired"),
    ERROR(EUNATCH, "the protocol has no driver"),
    ERROR(EUSERS, "no room for one more user"),
    ERROR(EVERSION, "the versions do not go together"),
    ERROR(EWOULDBLOCK, "this would have to wait"),
    ERROR(exbadport, "the port is in no state for this"),
    ERROR(exbadseq, "not the moment for this command"),
    ERROR(EXDEV, "source and target are on different file systems"),
    ERROR(EXFULL, "the exchange has no room"),
    ERROR(nxdomain, "neither DNS nor the hosts file knows this name"),
    ERROR(system_limit, "Erlang has as many ports or processes as it may have"),
};

#undef ERROR
#undef TEXT_OF

static_assert(std::is_sorted(std::begin(kErrors), std::end(kErrors),
                             [](const PosixError& a, const PosixError& b) { return a.atom() < b.atom(); }));

constexpr std::size_t kAtomsSize = [] {
  std::size_t size = 0;
  for (const PosixError& error : kErrors) size += error.size + 1;
  return size - 1;
}();

constexpr auto kAtoms = [] {
  std::array<char, kAtomsSize + 1> text{};
  char* at = text.data();
  for (const PosixError& error : kErrors) {
    at = std::copy_n(error.letters.begin(), error.size, at);
    *at++ = ' ';
  }
  return text;
}();

}  // namespace

std::span<const PosixError> posix_errors() { return kErrors; }

const std::string_view kPosixErrorAtoms(kAtoms.data(), kAtomsSize);

const PosixError* find_posix_error(std::string_view word) {
  const auto names_it = [word](const PosixError& error) {
    return std::equal(word.begin(), word.end(), error.letters.begin(), error.letters.begin() + error.size,
                      [](char typed, char letter) { return lower(typed) == letter; });
  };
  const auto* found = std::find_if(std::begin(kErrors), std::end(kErrors), names_it);
  return found == std::end(kErrors) ? nullptr : found;
}

const PosixError* find_posix_error(int number) {
  const auto* found = std::find_if(std::begin(kErrors), std::end(kErrors), [number](const PosixError& error) {
    return error.number == number && number != 0;
  });
  return found == std::end(kErrors) ? nullptr : found;
}

std::string libc_text(int number) { return std::strerror(number); }

}  // namespace inetctl
