// SPDX-License-Identifier: Apache-2.0
// No memory of this process in a core dump: it has private keys (reference: reliability-security.md T-9).

#pragma once

namespace sallyport::commands {

// Of this process and those that it starts. Whoever needs a dump says so while it runs: 33 in
// /proc/PID/coredump_filter, and prlimit --core.
void keep_memory_out_of_core_dumps();

}  // namespace sallyport::commands
