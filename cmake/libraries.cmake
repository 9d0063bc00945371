# SPDX-License-Identifier: Apache-2.0
# Packaged libraries (sallyport_packages) and sallyport_folder(), which turns one folder of src/ into one library.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL 3 REQUIRED COMPONENTS Crypto SSL)

# Boost: headers only, and only Describe and Mp11, which its CMake package does not know by name.
find_path(BOOST_INCLUDE boost/describe.hpp REQUIRED)
file(STRINGS "${BOOST_INCLUDE}/boost/version.hpp" boost_version REGEX "define BOOST_VERSION ")
string(REGEX REPLACE "[^0-9]" "" boost_version "${boost_version}")
if(boost_version LESS 108100)
  message(FATAL_ERROR "Boost 1.81 or newer is needed; ${BOOST_INCLUDE}/boost has ${boost_version}")
endif()

# Neither of them needs more than a header and a library.
find_path(YAML_INCLUDE yaml.h REQUIRED)
find_library(YAML_LIBRARY yaml REQUIRED)
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_library(RE2_LIBRARY re2 REQUIRED)
find_path(NGHTTP2_INCLUDE nghttp2/nghttp2.h REQUIRED)
find_library(NGHTTP2_LIBRARY nghttp2 REQUIRED)
find_path(CARES_INCLUDE ares.h REQUIRED)
find_library(CARES_LIBRARY cares REQUIRED)

add_library(sallyport_packages INTERFACE)
target_include_directories(sallyport_packages SYSTEM INTERFACE "${BOOST_INCLUDE}" "${YAML_INCLUDE}" "${RE2_INCLUDE}" "${NGHTTP2_INCLUDE}" "${CARES_INCLUDE}")
target_link_libraries(sallyport_packages INTERFACE Threads::Threads "${YAML_LIBRARY}" "${RE2_LIBRARY}" "${NGHTTP2_LIBRARY}" "${CARES_LIBRARY}" spdlog::spdlog fmt::fmt
                                                   simdjson::simdjson CLI11::CLI11 OpenSSL::SSL OpenSSL::Crypto)

# The release links objects without archives between: what ThinLTO compiles to is bitcode, and an archiver older than the
# compiler (the default ones of Debian 12 are) does not know it.
if(SALLYPORT_COMPILE_ONLY OR SALLYPORT_HARDEN)
  set(SALLYPORT_LIBRARY OBJECT)
else()
  set(SALLYPORT_LIBRARY STATIC)
endif()

# Everything, for the program itself and for tests that belong to no single folder.
add_library(sallyport_all INTERFACE)

# sallyport_folder(NAME FOLDERS...): src/NAME as library sallyport_NAME, which may use FOLDERS and nothing else. A folder
# without a .cpp file is headers only.
function(sallyport_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  set(target sallyport_${name})
  list(TRANSFORM ARGN PREPEND sallyport_ OUTPUT_VARIABLE uses)
  if(sources)
    add_library(${target} ${SALLYPORT_LIBRARY} ${sources})
    target_link_libraries(${target} PUBLIC ${uses} sallyport_options sallyport_packages)
    target_precompile_headers(${target} REUSE_FROM sallyport_pch)
    if(SALLYPORT_HARDEN)
      target_sources(sallyport_all INTERFACE $<TARGET_OBJECTS:${target}>)
    endif()
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${uses} sallyport_options sallyport_packages)
  endif()
  target_link_libraries(sallyport_all INTERFACE ${target})
endfunction()
