# Libraries that few commands need. Their headers are found here; the libraries themselves are loaded when they
# are first needed (platform/posix/lazy_library.h), so that no other command pays for them.
#
# inetctl_lazy_library(NAME HEADER WHAT): the option INETCTL_NAME, and INETCTL_HAS_NAME for the compiler. WHAT is what
# they are for.
add_library(inetctl_lazy INTERFACE)
target_link_libraries(inetctl_lazy INTERFACE ${CMAKE_DL_LIBS})
function(inetctl_lazy_library name header what)
  set(INETCTL_${name} AUTO CACHE STRING "${what}: AUTO (where ${header} is), ON, OFF")
  set_property(CACHE INETCTL_${name} PROPERTY STRINGS AUTO ON OFF)
  if(NOT INETCTL_${name})
    return()
  endif()
  find_path(INETCTL_${name}_INCLUDE NAMES ${header})
  mark_as_advanced(INETCTL_${name}_INCLUDE)
  if(INETCTL_${name}_INCLUDE)
    target_include_directories(inetctl_lazy SYSTEM INTERFACE ${INETCTL_${name}_INCLUDE})
    target_compile_definitions(inetctl_lazy INTERFACE INETCTL_HAS_${name})
    message(STATUS "${what}: on")
  elseif(INETCTL_${name} STREQUAL "AUTO")
    message(STATUS "${what}: off; there is no ${header}")
  else()
    message(FATAL_ERROR "INETCTL_${name} is ON, but there is no ${header}")
  endif()
endfunction()

inetctl_lazy_library(LDNS ldns/ldns.h "Records printed by ldns")
inetctl_lazy_library(UNBOUND unbound.h "DNSSEC validation by libunbound")
inetctl_lazy_library(IDN2 idn2.h "Internationalised names by libidn2")
inetctl_lazy_library(TLS openssl/ssl.h "DNS over TLS by OpenSSL")
inetctl_lazy_library(ZSTD zstd.h "Compressed recordings by libzstd")
