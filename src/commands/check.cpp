// SPDX-License-Identifier: Apache-2.0
#include "commands/check.hpp"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/printable.hpp"
#include "commands/default_certificate.hpp"
#include "commands/doubtful_options.hpp"
#include "commands/named_object.hpp"
#include "commands/outside_index.hpp"
#include "commands/read_cluster.hpp"
#include "commands/read_folder.hpp"
#include "model/indexed.hpp"

namespace sallyport::commands {

namespace {

Result<CheckReport> report_of(Result<SourceReading> reading, std::int64_t now) {
  if (!reading) return Failure(reading.error());
  control::Outcome& outcome = reading->outcome;
  CheckReport report;
  report.problems = std::move(reading->problems);
  report.objects = std::move(outcome.changed);
  auto& rules = outcome.delta.rules.changed;  // all there are
  std::erase_if(rules, [](const auto& rule) { return model::is_indexed(*rule); });
  report.outside_index = origins_of(rules);
  report.expiring = expiring(outcome.delta.certificates.changed, now);
  return report;
}

std::string problem_of_default(const control::Settings& settings, const control::Engine& engine) {
  DefaultCertificate one(settings.default_certificate);
  model::Delta all;
  for (const auto& [id, certificate] : engine.parts().certificates) all.certificates.changed.push_back(certificate);
  one.note(all);
  return one.problem();
}

std::string problem_of_service(const control::Settings& settings, const control::Engine& engine) {
  const NamedObject one("--publish-service", settings.publish_service);
  return one.problem(one.wanted() && engine.newest(*one.wanted()) != nullptr);
}

}  // namespace

Result<CheckReport> check_folder(const std::string& dir, control::Engine& engine, std::int64_t now) {
  return report_of(read_folder(dir, engine), now);
}

Result<CheckReport> check_cluster(const ClusterOptions& options, control::Engine& engine, std::int64_t now) {
  return report_of(read_cluster(options, engine), now);
}

int check(const CheckOptions& options, std::ostream& out, std::ostream& err) {
  control::Engine engine(options.settings);
  const auto report =
      options.cluster.is_wanted ? check_cluster(options.cluster, engine) : check_folder(options.dir, engine);
  if (!report) {
    err << "sallyport check: " << text::printable(report.error().detail) << '\n';
    return 2;
  }
  std::vector<std::string> doubts = doubtful_options(options.settings, options.cluster);
  doubts.push_back(problem_of_default(options.settings, engine));
  doubts.push_back(problem_of_service(options.settings, engine));
  for (const std::string& doubt : doubts) {
    if (!doubt.empty()) err << "sallyport check: " << doubt << '\n';
  }
  out << (options.output == CheckOptions::Output::json ? to_json(*report) : to_text(*report));
  return report->has_rejections() ? 1 : 0;
}

}  // namespace sallyport::commands
