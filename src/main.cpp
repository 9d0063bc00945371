// SPDX-License-Identifier: Apache-2.0
#include "commands/command_line.hpp"
#include "commands/core_dumps.hpp"
#include "net/tls/memory.hpp"

int main(int argc, char** argv) {
  sallyport::commands::keep_memory_out_of_core_dumps();
  sallyport::net::tls::count_memory();  // before anybody calls OpenSSL
  return sallyport::commands::run_command_line(argc, argv);
}
