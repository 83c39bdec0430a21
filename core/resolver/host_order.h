// The order in which a node of OTP 25 lists several hosts: that of the hash table which holds them.
#pragma once

#include <vector>

#include "core/resolver/settings.h"

namespace inetctl::inet {

// As ets:tab2list/1 gives a table of {{Family,Address},Names} that was filled in the order of `hosts`.
// Measured on 64-bit nodes of OTP 25.2.3; up to 256 hosts, where a table begins to grow. Its hash depends on
// the numbers of the atoms inet and inet6, so other releases have other orders.
[[nodiscard]] std::vector<const HostEntry*> in_table_order(const std::vector<HostEntry>& hosts);

}  // namespace inetctl::inet
