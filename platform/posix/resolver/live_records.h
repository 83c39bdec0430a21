// Records as text by ldns, which prints what core/resolver/rdata.h has read.
#pragma once

#include "core/resolver/rdata.h"

namespace inetctl::posix {

// As dns::read_rdata, whose members it returns; the text is ldns's where that library is there, knows the
// type and prints it as its RFC has it.
[[nodiscard]] Result<dns::RecordData> record_data(dns::Bytes message, const dns::Record& record);

// What ldns makes of the record, or why it could not be asked. For record_data and for tests.
[[nodiscard]] Result<std::string> ldns_text(std::uint16_t type, std::uint16_t klass, dns::Bytes plain_rdata);

}  // namespace inetctl::posix
