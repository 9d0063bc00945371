// SPDX-License-Identifier: Apache-2.0
// A program that is run for what it writes: it reads nothing, has a process group and default signals of its own, and
// none of our descriptors. Its output may be a secret.
//
// Belongs to its loop's thread. Dropping the Task, or the deadline, kills the whole group; the loop reaps it when it is
// gone.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/secret_bytes.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"

namespace sallyport::net {

struct Program {
  std::string file;                      // a path, or a name that is looked for in our PATH
  std::vector<std::string> arguments;    // without its own name
  std::vector<std::string> environment;  // all of it: "NAME=value"
  std::size_t most_output = std::size_t{1} << 20U;
  std::size_t most_errors = 4096;  // what is more is left out
};

struct ProgramEnd {
  int exit_status = 0;
  int signal = 0;  // that ended it; 0: it exited
  bool in_time = true;
  bool is_too_long = false;  // its output, for which it was killed
  SecretBytes output;
  std::string errors;  // the first of what it wrote to its standard error
};

// What it left behind (a process that it started) is not waited for. The error is that it could not be started, by its
// error number in words; `no_such_program` then says whether that is what is wrong.
Task<Result<ProgramEnd>> run_program(Loop& loop, Program program, Time deadline, bool* no_such_program = nullptr);

}  // namespace sallyport::net
