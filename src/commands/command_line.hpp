// SPDX-License-Identifier: Apache-2.0
// The command line: which command, with which options.

#pragma once

namespace sallyport::commands {

// Runs the command. The exit status is the command's, or 2 when the command line is wrong.
int run_command_line(int argc, char** argv);

}  // namespace sallyport::commands
