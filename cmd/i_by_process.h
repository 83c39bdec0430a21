// `inetctl i --by-process`: sockets under the process that holds them.
#pragma once

#include "cmd/command.h"
#include "core/socket_listing.h"

namespace inetctl {

// The columns that nobody named: those of the groups and what there is to say about the process.
[[nodiscard]] Columns by_process_columns(const FieldTable& table, bool data, std::uint32_t data_group,
                                         std::uint32_t table_group);

// Each socket once for each process that holds it; those without a process come last. In a table the process
// is a heading, in the other formats columns. The processes come by number, or where `sorted` in the order of
// their first sockets.
[[nodiscard]] Result<Exit> list_by_process(Context& context, Document document, SocketSelection selection);

}  // namespace inetctl
