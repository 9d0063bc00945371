// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"

int main(int argc, char** argv) { return sallyport::commands::run_command_line(argc, argv); }
