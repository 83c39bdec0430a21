# The library inetctl_bpf: programs for the kernel, and what loads them. clang compiles a program, bpftool makes a
# header of it that loads it with nothing but system calls ("light skeleton"), and a C file includes that. Where the
# tools are missing there is no such library, and no other difference.
set(INETCTL_BPF AUTO CACHE STRING "Ask programs in the kernel for owners and events of sockets: AUTO (where tools allow), ON, OFF")
set_property(CACHE INETCTL_BPF PROPERTY STRINGS AUTO ON OFF)
if(NOT INETCTL_BPF)
  return()
endif()

find_program(INETCTL_BPF_CLANG NAMES clang)
find_program(INETCTL_BPFTOOL NAMES bpftool HINTS /usr/sbin /sbin)
find_path(INETCTL_BPF_INCLUDE NAMES bpf/skel_internal.h)
mark_as_advanced(INETCTL_BPF_CLANG INETCTL_BPFTOOL INETCTL_BPF_INCLUDE)
include(CheckLanguage)
check_language(C)

set(bpf_here ${PROJECT_SOURCE_DIR}/platform/linux/bpf)
set(bpf_made ${PROJECT_BINARY_DIR}/bpf)
set(bpf_programs task_file net_namespaces socket_state call_count packet_count)
set(bpf_loaders task_file net_namespaces socket_state socket_count)
foreach(program ${bpf_programs})
  set(bpf_compile_${program} ${INETCTL_BPF_CLANG} -target bpf -mcpu=v3 -O2 -g -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -Wall -Wextra
      -I ${PROJECT_SOURCE_DIR} -isystem ${INETCTL_BPF_INCLUDE} -c ${bpf_here}/${program}.bpf.c -o ${bpf_made}/${program}.o)
  set(bpf_generate_${program} ${INETCTL_BPFTOOL} gen skeleton -L ${bpf_made}/${program}.o name ${program})
  if(INETCTL_WERROR)
    list(APPEND bpf_compile_${program} -Werror)
  endif()
endforeach()

set(bpf_lack)
if(NOT INETCTL_BPF_CLANG OR NOT INETCTL_BPFTOOL OR NOT INETCTL_BPF_INCLUDE OR NOT CMAKE_C_COMPILER)
  set(bpf_lack "it needs clang, bpftool, libbpf's headers and a C compiler")
else()
  # Being there is not enough: a clang can be without the target, and Ubuntu's bpftool refuses under a foreign kernel.
  # What is tried is kept, for clang-tidy wants the header before anything is built.
  file(MAKE_DIRECTORY ${bpf_made})
  foreach(program ${bpf_programs})
    foreach(step bpf_compile bpf_generate)
      execute_process(COMMAND ${${step}_${program}} RESULT_VARIABLE failed ERROR_VARIABLE why
                      OUTPUT_FILE ${bpf_made}/tried_${program}.h)
      if(failed AND NOT bpf_lack)
        list(GET ${step}_${program} 0 tool)
        set(bpf_lack "${tool} refuses: ${why}")
      endif()
    endforeach()
  endforeach()
endif()
if(bpf_lack AND INETCTL_BPF STREQUAL "AUTO")
  message(STATUS "Owners and events of sockets by BPF: off; ${bpf_lack}")
  return()
elseif(bpf_lack)
  message(FATAL_ERROR "INETCTL_BPF is ON: ${bpf_lack}")
endif()

message(STATUS "Owners and events of sockets by BPF: on")
enable_language(C)
set(bpf_sources)
file(GLOB bpf_shared CONFIGURE_DEPENDS ${bpf_here}/*.h ${bpf_here}/*.bpf.inc)
foreach(program ${bpf_programs})
  file(COPY_FILE ${bpf_made}/tried_${program}.h ${bpf_made}/${program}.lskel.h ONLY_IF_DIFFERENT)
  add_custom_command(
    OUTPUT ${bpf_made}/${program}.lskel.h
    COMMAND ${bpf_compile_${program}}
    COMMAND ${bpf_generate_${program}} > ${bpf_made}/${program}.lskel.h
    DEPENDS ${bpf_here}/${program}.bpf.c ${bpf_shared}
    COMMENT "Compiling ${program}.bpf.c for the kernel"
    VERBATIM)
  list(APPEND bpf_sources ${bpf_made}/${program}.lskel.h)
endforeach()
list(TRANSFORM bpf_loaders REPLACE "(.+)" "${bpf_here}/load_\\1.c")
list(APPEND bpf_sources ${bpf_loaders})
add_library(inetctl_bpf STATIC ${bpf_sources})
# The C compiler is not the one that the presets choose and sanitize for, so it takes none of their flags. What is made
# and what is libbpf's counts as the system's: their warnings are not ours.
target_compile_options(inetctl_bpf PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${INETCTL_WERROR}>:-Werror>)
target_include_directories(inetctl_bpf PRIVATE ${PROJECT_SOURCE_DIR})
target_include_directories(inetctl_bpf SYSTEM PRIVATE ${bpf_made} ${INETCTL_BPF_INCLUDE})
target_compile_definitions(inetctl_bpf INTERFACE INETCTL_HAS_BPF)
set_target_properties(inetctl_bpf PROPERTIES POSITION_INDEPENDENT_CODE ON)
