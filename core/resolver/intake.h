// How questions come in when there are many.
#pragma once

#include <cstdint>

namespace inetctl::dns {

// wait: none is there now, ask again later; end: no more.
enum class Intake : std::uint8_t { question, wait, end };

}  // namespace inetctl::dns
