# What a Debian package needs beside the program (./dev package). Dependencies are read from the linked program.
#
# The file is also the script that CPack runs on the files to be packed: what Debian's policy asks for is added to
# the package and not to what `cmake --install` puts into other places.
if(CPACK_TEMPORARY_DIRECTORY)
  set(share ${CPACK_TEMPORARY_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}/share)
  set(doc ${share}/doc/${CPACK_PACKAGE_NAME})
  file(MAKE_DIRECTORY ${doc})
  file(COPY_FILE ${CPACK_RESOURCE_FILE_LICENSE} ${doc}/copyright)
  file(COPY_FILE ${CPACK_CHANGELOG} ${doc}/changelog)
  string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC) # SOURCE_DATE_EPOCH fixes it
  file(WRITE ${doc}/changelog.Debian
    "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
    "  * What is new stands in changelog.gz.\n\n"
    " -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
  file(GLOB texts ${doc}/changelog* ${share}/man/man?/*)
  execute_process(COMMAND gzip -9nf ${texts} COMMAND_ERROR_IS_FATAL ANY)
  return()
endif()

set(INETCTL_MAINTAINER "The inetctl authors <inetctl@localhost>" CACHE STRING "Whom a package names to write to")

set(CPACK_GENERATOR DEB)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_FILE})
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_CONTACT ${INETCTL_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "network state of a machine: sockets, interfaces, options, resolver")
set(CPACK_PACKAGE_DESCRIPTION [[One command for the network state of a machine, on the model of Erlang's inet
module: sockets with their owners, options and statistics, interfaces,
addresses and the resolver, as tables and as JSON.]])
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What is loaded only when it is needed (platform/posix/lazy_library.h) is in no list of linked libraries.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libldns3 | libldns3t64, libidn2-0, libzstd1")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "libunbound8, dns-root-data")
# Variables reach the script by their prefix.
set(CPACK_CHANGELOG ${PROJECT_SOURCE_DIR}/CHANGELOG.md)
include(CPack)
