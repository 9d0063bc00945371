// SPDX-License-Identifier: Apache-2.0
// Runs an exec plugin once. Belongs to its loop's thread; dropping the Task kills the plugin.

#pragma once

#include <string>

#include "base/result.hpp"
#include "net/loop.hpp"
#include "net/task.hpp"
#include "sources/api_server/exec_credential.hpp"

namespace sallyport::sources::api_server {

// Its environment is ours with the plugin's variables and `info` as KUBERNETES_EXEC_INFO. An error has what it wrote to
// its standard error, and nothing of its output.
net::Task<Result<ExecCredential>> run_exec_plugin(net::Loop& loop, const ExecPlugin& plugin, std::string info,
                                                  net::Time deadline);

}  // namespace sallyport::sources::api_server
