# SPDX-License-Identifier: Apache-2.0
# sallyport_options: language, warnings, sanitizers and hardening of every target; sallyport_pch: the shared precompiled header.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)  # -fPIE below, for libraries too: one precompiled header fits all
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COLOR_DIAGNOSTICS ON)

add_library(sallyport_options INTERFACE)
target_include_directories(sallyport_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(
  sallyport_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wnon-virtual-dtor
            -Wno-missing-field-initializers
            -Werror
            -fPIE)
target_link_options(sallyport_options INTERFACE -pie)

if(SALLYPORT_SANITIZE)
  # Not vptr: it looks at memory through a pipe that it makes, so it sees faults where tests leave no descriptor or let
  # writes fail. What is used after its end, AddressSanitizer finds.
  target_compile_options(sallyport_options INTERFACE "-fsanitize=${SALLYPORT_SANITIZE}" -fno-sanitize=vptr
                                                     -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(sallyport_options INTERFACE "-fsanitize=${SALLYPORT_SANITIZE}")
endif()

if(SALLYPORT_HARDEN)
  target_compile_definitions(sallyport_options INTERFACE _GLIBCXX_ASSERTIONS)
  target_compile_options(
    sallyport_options
    INTERFACE -U_FORTIFY_SOURCE
              -D_FORTIFY_SOURCE=3
              -ftrivial-auto-var-init=zero
              -fstack-protector-strong
              -fstack-clash-protection
              -flto=thin
              "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(sallyport_options INTERFACE -fcf-protection)
    target_link_options(sallyport_options INTERFACE "-Wl,-z,shstk")  # our own code keeps to it; start files do not say
  endif()
  target_link_options(
    sallyport_options
    INTERFACE
    -flto=thin
    "-Wl,--thinlto-cache-dir=${CMAKE_BINARY_DIR}/thinlto-cache"
    "-Wl,-z,relro,-z,now,-z,noexecstack"
    "-Wl,--as-needed")
endif()

# What of the program is hot, and which way its branches go: measured by tools/profile with the loads of the bench, and kept
# in the tree, so that a build needs neither a second pass nor a load. Code that has changed since is compiled without it.
set(profile "${CMAKE_SOURCE_DIR}/cmake/release.profdata")
set(profile_names "SHELL:-mllvm -static-func-full-module-prefix=false")  # or it would only fit this very folder
if(SALLYPORT_PROFILE)
  target_compile_options(sallyport_options INTERFACE -fprofile-generate "${profile_names}")
  target_link_options(sallyport_options INTERFACE -fprofile-generate)
elseif(SALLYPORT_HARDEN AND EXISTS "${profile}" AND CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^19\\.")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${profile}")
  file(MD5 "${profile}" version)
  set(used "${CMAKE_BINARY_DIR}/release-${version}.profdata")  # another one is another command
  file(COPY_FILE "${profile}" "${used}" ONLY_IF_DIFFERENT)
  target_compile_options(sallyport_options INTERFACE "-fprofile-use=${used}" "${profile_names}" -Wno-profile-instr-out-of-date
                                                     -Wno-profile-instr-unprofiled -Wno-backend-plugin)
endif()

# Cached compilation also works with a precompiled header if the header carries no time and ccache may trust it.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(sallyport_options INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
  target_link_options(sallyport_options INTERFACE -fuse-ld=lld-19)
else()
  target_compile_options(sallyport_options INTERFACE -fpch-preprocess)
endif()
find_program(CCACHE ccache)
if(CCACHE AND NOT SALLYPORT_HARDEN)  # what users run is compiled the same whether ccache is installed or not
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

file(WRITE "${CMAKE_BINARY_DIR}/pch.cpp.new" "// The translation unit that the shared precompiled header is built with.\n")
file(COPY_FILE "${CMAKE_BINARY_DIR}/pch.cpp.new" "${CMAKE_BINARY_DIR}/pch.cpp" ONLY_IF_DIFFERENT)
add_library(sallyport_pch OBJECT "${CMAKE_BINARY_DIR}/pch.cpp")
target_link_libraries(sallyport_pch PRIVATE sallyport_options)
target_precompile_headers(
  sallyport_pch
  PRIVATE
  <algorithm>
  <array>
  <chrono>
  <concepts>
  <coroutine>
  <cstddef>
  <cstdint>
  <deque>
  <expected>
  <functional>
  <map>
  <memory>
  <optional>
  <ranges>
  <set>
  <span>
  <string>
  <string_view>
  <tuple>
  <unordered_map>
  <utility>
  <variant>
  <vector>)
