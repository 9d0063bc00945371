# SPDX-License-Identifier: Apache-2.0
# sallyport_version: version, commit and compiler. The commit is looked up at every build, but the source is written only when it
# differs. Run with -P, this file is that look-up.

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
  configure_file("${SOURCE}/cmake/sallyport_version.cpp.in" "${WRITTEN}" @ONLY)
  return()
endif()

set(version_source "${CMAKE_BINARY_DIR}/generated/version/sallyport_version.cpp")
add_custom_target(
  sallyport_version_source
  COMMAND ${CMAKE_COMMAND} "-DSOURCE=${CMAKE_SOURCE_DIR}" "-DWRITTEN=${version_source}" "-Dversion=${PROJECT_VERSION}"
          "-Dcompiler=${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" -P "${CMAKE_CURRENT_LIST_FILE}"
  BYPRODUCTS "${version_source}"
  COMMENT "version and commit"
  VERBATIM)
add_library(sallyport_version ${SALLYPORT_LIBRARY} "${version_source}")
target_include_directories(sallyport_version PUBLIC "${CMAKE_CURRENT_LIST_DIR}")
target_link_libraries(sallyport_version PUBLIC sallyport_options)
add_dependencies(sallyport_version sallyport_version_source)
if(SALLYPORT_HARDEN)
  target_sources(sallyport_all INTERFACE $<TARGET_OBJECTS:sallyport_version>)
endif()
