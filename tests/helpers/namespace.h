// A network namespace of the process's own, so that no socket of a test meets one of the machine's.
#pragma once

#include <string>

// Enters a fresh namespace, through a user namespace where that needs no privilege, and brings `lo` up.
void enter_network_namespace();

// Writes a kernel setting of the namespace; one that the kernel does not have is left alone.
void set_sysctl(const std::string& name, const std::string& value);

// Adds two interfaces joined back to back, veth0 and veth1, with the addresses below.
void add_interface_pair();

namespace addresses {
inline constexpr const char* kVeth0 = "10.77.0.1";
inline constexpr const char* kVeth0Six = "fd77::1";
// Their link-layer address belongs to nobody: what is sent there is lost without an answer.
inline constexpr const char* kSilent = "10.77.0.99";
inline constexpr const char* kSilentSix = "fd77::99";
// Of veth0 and of veth1; each is reachable from the other interface.
inline constexpr const char* kLinkLocal0 = "fe80::77:1";
inline constexpr const char* kLinkLocal1 = "fe80::77:2";
}  // namespace addresses
