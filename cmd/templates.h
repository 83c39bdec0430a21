// The texts that generated files are made from, embedded by the build (cmake/embed.cmake).
#pragma once

#include <string_view>

namespace inetctl {

extern const std::string_view kManTemplate;   // man/inetctl.1.in
extern const std::string_view kBashTemplate;  // completions/inetctl.bash.in
extern const std::string_view kZshTemplate;   // completions/_inetctl.in
extern const std::string_view kFishTemplate;  // completions/inetctl.fish.in

}  // namespace inetctl
