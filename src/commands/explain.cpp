// SPDX-License-Identifier: Apache-2.0
#include "commands/explain.hpp"

#include <ostream>
#include <utility>

#include "commands/explain_report.hpp"
#include "control/engine.hpp"
#include "routing/compiler.hpp"
#include "sources/folder_reader.hpp"

namespace sallyport::commands {

int explain(const ExplainOptions& options, std::ostream& out, std::ostream& err) {
  sources::FolderReader reader(options.dir);
  const sources::Changes changes = reader.scan();
  if (!changes.complete) {
    err << "sallyport explain: " << options.dir << " cannot be read\n";
    return 2;
  }
  control::Engine engine(options.settings);
  routing::Compiler compiler;
  const routing::Change change = compiler.apply(engine.apply(changes).delta);
  net::Loop loop;
  const Result<Explained> explained = explain_request(*change.snapshot, options.asked, options.reading, loop);
  if (!explained) {
    err << "sallyport explain: " << explained.error().detail << '\n';
    return 2;
  }
  out << (options.output == ExplainOptions::Output::json ? to_json(*explained) : to_text(*explained));
  return explained->served() ? 0 : 1;
}

}  // namespace sallyport::commands
