# How every target of the project is compiled: warnings, sanitizers, the runtime's linkage.
add_library(inetctl_options INTERFACE)
target_compile_options(inetctl_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_include_directories(inetctl_options INTERFACE ${PROJECT_SOURCE_DIR})

if(INETCTL_WERROR)
  target_compile_options(inetctl_options INTERFACE -Werror)
endif()
if(INETCTL_SANITIZE)
  target_compile_options(inetctl_options INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(inetctl_options INTERFACE -fsanitize=address,undefined)
endif()
if(INETCTL_FUZZ)
  target_compile_options(inetctl_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(INETCTL_FAST_START)
  target_link_options(inetctl_options INTERFACE -static-libstdc++ -static-libgcc)
  # Pages that nobody runs need not be mapped: a short command is mostly start-up.
  target_compile_options(inetctl_options INTERFACE -ffunction-sections -fdata-sections)
  target_link_options(inetctl_options INTERFACE -Wl,--gc-sections -Wl,-O1 -Wl,--as-needed -Wl,-z,noseparate-code)
  # The field tables are full of addresses; at a fixed place in memory none of them is written at each start.
  target_compile_options(inetctl_options INTERFACE -fno-pie)
  target_link_options(inetctl_options INTERFACE -no-pie)
endif()
