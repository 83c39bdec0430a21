# Everything from outside, found by name; the versions are Debian 12's.
find_package(CLI11 2.1 CONFIG REQUIRED)
find_package(nlohmann_json 3.10 CONFIG REQUIRED)
find_package(tl-expected 1.0 CONFIG REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LIBNL REQUIRED libnl-3.0>=3.5)

# libnl is linked from its archive where there is one: three shared objects less to load at each start.
find_library(LIBNL_ARCHIVE NAMES libnl-3.a HINTS ${LIBNL_LIBRARY_DIRS})
add_library(inetctl_libnl INTERFACE)
target_include_directories(inetctl_libnl SYSTEM INTERFACE ${LIBNL_INCLUDE_DIRS})
if(LIBNL_ARCHIVE)
  target_link_libraries(inetctl_libnl INTERFACE ${LIBNL_ARCHIVE} Threads::Threads)
else()
  target_link_libraries(inetctl_libnl INTERFACE ${LIBNL_LINK_LIBRARIES})
endif()
