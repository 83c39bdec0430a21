// `inetctl i --summary`: how many sockets there are, in place of which.
#pragma once

#include "cmd/command.h"
#include "core/socket_listing.h"

namespace inetctl {

// What the summary shows: the columns say what has to be asked of each socket. `netns`: the columns of
// namespaces too.
[[nodiscard]] Result<Document> summary_document(const Context& context, const FieldTable& sockets,
                                                bool netns);

[[nodiscard]] Result<Exit> show_summary(Context& context, Document document, SocketSelection selection);

}  // namespace inetctl
