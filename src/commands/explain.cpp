// SPDX-License-Identifier: Apache-2.0
#include "commands/explain.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>

#include "base/printable.hpp"
#include "base/text.hpp"
#include "commands/explain_report.hpp"
#include "commands/read_cluster.hpp"
#include "commands/status_json.hpp"
#include "control/engine.hpp"
#include "routing/compiler.hpp"

namespace sallyport::commands {
namespace {

std::string counted(std::size_t count, std::string_view one) {
  return text::cat(count, " ", one, count == 1 ? "" : "s");
}

// What might have had a say about the request, and has not. Empty: nothing.
std::string what_is_left_out(const SourceReading& reading, bool of_cluster) {
  const auto broken = static_cast<std::size_t>(std::ranges::count_if(reading.problems, is_failure));
  const auto rejected =
      static_cast<std::size_t>(std::ranges::count(reading.outcome.changed, dialects::Verdict::rejected,
                                                  [](const control::StatusPtr& one) { return one->verdict; }));
  std::string out;
  if (broken != 0) out += counted(broken, of_cluster ? "unreadable kind or object" : "broken file");
  if (rejected != 0) out += text::cat(out.empty() ? "" : ", ", counted(rejected, "rejected object"));
  return out;
}

}  // namespace

int explain(const ExplainOptions& options, std::ostream& out, std::ostream& err) {
  control::Engine engine(options.settings);
  const auto reading =
      options.cluster.is_wanted ? read_cluster(options.cluster, engine) : read_folder(options.dir, engine);
  return explain_reading(options, reading, engine, out, err);
}

int explain_reading(const ExplainOptions& options, const Result<SourceReading>& reading, const control::Engine& engine,
                    std::ostream& out, std::ostream& err) {
  if (!reading) {
    err << "sallyport explain: " << text::printable(reading.error().detail) << '\n';
    return 2;
  }
  routing::Compiler compiler;
  const routing::Change change = compiler.apply(reading->outcome.delta);
  net::Loop loop;
  Result<Explained> explained = explain_request(*change.snapshot, options.asked, options.reading, loop);
  if (!explained) {
    err << "sallyport explain: " << text::printable(explained.error().detail) << '\n';
    return 2;
  }
  const control::Parts parts = engine.parts();
  explained->context = context_of(
      *explained, engine, [&](const auto& call) { std::ranges::for_each(parts.rules | std::views::values, call); },
      [&](const ObjectRef& ref) { return engine.status(ref); });
  if (const std::string left_out = what_is_left_out(*reading, options.cluster.is_wanted); !left_out.empty()) {
    const std::string place = options.cluster.is_wanted ? to_text(options.cluster) : options.dir;
    err << "sallyport explain: " << left_out << ": see sallyport check " << text::printable(place) << '\n';
  }
  out << (options.output == ExplainOptions::Output::json ? to_json(*explained) : to_text(*explained));
  return explained->served() ? 0 : 1;
}

}  // namespace sallyport::commands
