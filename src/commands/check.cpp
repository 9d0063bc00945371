// SPDX-License-Identifier: Apache-2.0
#include "commands/check.hpp"

#include <ostream>
#include <utility>

#include "commands/outside_index.hpp"
#include "sources/folder_reader.hpp"

namespace sallyport::commands {

Result<CheckReport> check_folder(const std::string& dir, control::Engine& engine) {
  sources::FolderReader reader(dir);
  sources::Changes changes = reader.scan();
  CheckReport report;
  if (changes.problems) report.problems = std::move(*changes.problems);
  if (!changes.complete) {
    return fail(invalid(report.problems.empty() ? dir + " cannot be read" : report.problems.front().message));
  }
  control::Outcome outcome = engine.apply(changes);
  report.objects = std::move(outcome.changed);
  OutsideIndex outside_index;
  outside_index.apply(outcome.delta);
  report.outside_index = outside_index.origins();
  return report;
}

int check(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  control::Engine engine(options.settings);
  const auto report = check_folder(options.dir, engine);
  if (!report) {
    err << "sallyport check: " << report.error().detail << '\n';
    return 2;
  }
  out << (options.output == CheckOptions::Output::json ? to_json(*report) : to_text(*report));
  return report->has_rejections() ? 1 : 0;
}

}  // namespace sallyport::commands
