# The library inetctl_bpf: a program for the kernel, and what loads it. clang compiles the program, bpftool makes a
# header of it that loads it with nothing but system calls ("light skeleton"), and a C file includes that. Where the
# tools are missing there is no such library, and no other difference.
set(INETCTL_BPF AUTO CACHE STRING "Ask a program in the kernel for the owners of sockets: AUTO (where tools allow), ON, OFF")
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
set(bpf_compile ${INETCTL_BPF_CLANG} -target bpf -O2 -g -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -Wall -Wextra
                -I ${PROJECT_SOURCE_DIR} -isystem ${INETCTL_BPF_INCLUDE} -c ${bpf_here}/task_file.bpf.c -o ${bpf_made}/task_file.o)
set(bpf_generate ${INETCTL_BPFTOOL} gen skeleton -L ${bpf_made}/task_file.o name task_file)
if(INETCTL_WERROR)
  list(APPEND bpf_compile -Werror)
endif()

set(bpf_lack)
if(NOT INETCTL_BPF_CLANG OR NOT INETCTL_BPFTOOL OR NOT INETCTL_BPF_INCLUDE OR NOT CMAKE_C_COMPILER)
  set(bpf_lack "it needs clang, bpftool, libbpf's headers and a C compiler")
else()
  # Being there is not enough: a clang can be without the target, and Ubuntu's bpftool refuses under a foreign kernel.
  # What is tried is kept, for clang-tidy wants the header before anything is built.
  file(MAKE_DIRECTORY ${bpf_made})
  foreach(step bpf_compile bpf_generate)
    execute_process(COMMAND ${${step}} RESULT_VARIABLE failed ERROR_VARIABLE why OUTPUT_FILE ${bpf_made}/tried.h)
    if(failed)
      list(GET ${step} 0 tool)
      set(bpf_lack "${tool} refuses: ${why}")
      break()
    endif()
  endforeach()
endif()
if(bpf_lack AND INETCTL_BPF STREQUAL "AUTO")
  message(STATUS "Owners of sockets by BPF: off; ${bpf_lack}")
  return()
elseif(bpf_lack)
  message(FATAL_ERROR "INETCTL_BPF is ON: ${bpf_lack}")
endif()

message(STATUS "Owners of sockets by BPF: on")
enable_language(C)
file(COPY_FILE ${bpf_made}/tried.h ${bpf_made}/task_file.lskel.h ONLY_IF_DIFFERENT)
add_custom_command(
  OUTPUT ${bpf_made}/task_file.lskel.h
  COMMAND ${bpf_compile}
  COMMAND ${bpf_generate} > ${bpf_made}/task_file.lskel.h
  DEPENDS ${bpf_here}/task_file.bpf.c ${bpf_here}/task_file.h
  COMMENT "Compiling task_file.bpf.c for the kernel"
  VERBATIM)
add_library(inetctl_bpf STATIC ${bpf_here}/load_task_file.c ${bpf_made}/task_file.lskel.h)
# The C compiler is not the one that the presets choose and sanitize for, so it takes none of their flags. What is made
# and what is libbpf's counts as the system's: their warnings are not ours.
target_compile_options(inetctl_bpf PRIVATE -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${INETCTL_WERROR}>:-Werror>)
target_include_directories(inetctl_bpf PRIVATE ${PROJECT_SOURCE_DIR})
target_include_directories(inetctl_bpf SYSTEM PRIVATE ${bpf_made} ${INETCTL_BPF_INCLUDE})
target_compile_definitions(inetctl_bpf INTERFACE INETCTL_HAS_BPF)
set_target_properties(inetctl_bpf PROPERTIES POSITION_INDEPENDENT_CODE ON)
