# inetctl_embed(TARGET SYMBOL FILE [SYMBOL FILE]...): makes the texts part of the program, as the string views that
# cmd/templates.h declares. They are read again whenever a file changes.
#
# The file is also the script that does it: cmake -D OUTPUT=... -D TEXTS=SYMBOL;FILE;... -P embed.cmake
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(inetctl_embed_script ${CMAKE_CURRENT_LIST_FILE})
  function(inetctl_embed target)
    set(files ${ARGN})
    list(FILTER files INCLUDE REGEX "/")
    set(output ${CMAKE_CURRENT_BINARY_DIR}/templates.cc)
    add_custom_command(
      OUTPUT ${output}
      COMMAND ${CMAKE_COMMAND} -D OUTPUT=${output} "-DTEXTS=${ARGN}" -P ${inetctl_embed_script}
      DEPENDS ${files} ${inetctl_embed_script}
      COMMENT "Embedding templates"
      VERBATIM)
    target_sources(${target} PRIVATE ${output})
  endfunction()
  return()
endif()

set(source "// Made by cmake/embed.cmake.\n#include \"cmd/templates.h\"\n\nnamespace inetctl {\n")
while(TEXTS)
  list(POP_FRONT TEXTS symbol file)
  file(READ "${file}" text)
  string(APPEND source "\nconst std::string_view ${symbol} = R\"embedded(${text})embedded\";\n")
endwhile()
file(WRITE "${OUTPUT}" "${source}\n}  // namespace inetctl\n")
