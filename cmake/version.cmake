# SPDX-License-Identifier: Apache-2.0
# sallyport_version.hpp: version, commit and compiler. The commit is looked up at every build, but the header is written only
# when it differs, so only the files that include it are built again. Run with -P, this file is that look-up.

if(CMAKE_SCRIPT_MODE_FILE)
  set(commit unknown)
  find_program(GIT git)
  if(GIT AND EXISTS "${SOURCE}/.git")
    execute_process(COMMAND ${GIT} describe --always --abbrev=12 --exclude=* --dirty WORKING_DIRECTORY "${SOURCE}"
                    OUTPUT_VARIABLE described OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed AND described)
      set(commit "${described}")
    endif()
  endif()
  configure_file("${SOURCE}/cmake/sallyport_version.hpp.in" "${HEADER}" @ONLY)
  return()
endif()

set(version_header "${CMAKE_BINARY_DIR}/generated/sallyport_version.hpp")
add_custom_target(
  sallyport_version_header
  COMMAND ${CMAKE_COMMAND} "-DSOURCE=${CMAKE_SOURCE_DIR}" "-DHEADER=${version_header}" "-Dversion=${PROJECT_VERSION}"
          "-Dcompiler=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" -P "${CMAKE_CURRENT_LIST_FILE}"
  BYPRODUCTS "${version_header}"
  COMMENT "version and commit"
  VERBATIM)
add_library(sallyport_version INTERFACE)
target_include_directories(sallyport_version INTERFACE "${CMAKE_BINARY_DIR}/generated")
add_dependencies(sallyport_version sallyport_version_header)
