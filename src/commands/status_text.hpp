// SPDX-License-Identifier: Apache-2.0
// The statuses of all objects as one JSON text, made piece by piece: of /status, the status file, and
// `check --output json`.
//
// {"version": 3, "objects": […], "problems": […], "listeners": […], "outside_index": […], "totals": {…}}; a check has
// neither version nor listeners, but "certificates" before the totals when some of them have expired or soon will, or
// are not valid yet. The values are taken when it is made, so that all pieces tell of one moment.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.hpp"
#include "commands/expiring.hpp"
#include "commands/status_json.hpp"
#include "control/status.hpp"
#include "http/text_response.hpp"
#include "model/delta.hpp"
#include "sources/source.hpp"

namespace sallyport::commands {

struct StatusReport {
  std::optional<std::uint64_t> version;      // of the model in force; none: nothing is served
  std::vector<control::StatusPtr> objects;   // in the order of their references
  std::vector<sources::Problem> problems;    //
  std::vector<model::Bound> unbound;         // addresses that listeners could not be bound to
  std::vector<model::Origin> outside_index;  // of rules that are compared with every request that reaches them
  std::vector<Expiring> expiring = {};       // certificates; a check alone knows the time that it is asked for
};

// Which objects are listed; an empty text is any. What is not listed counts in the totals nevertheless.
struct StatusFilter {
  std::optional<std::string> namespace_;
  std::optional<std::string> kind;
  std::optional<std::string> name;

  bool fits(const ObjectRef& ref) const;
};

class StatusText final : public http::TextSource {
 public:
  StatusText(StatusReport report, StatusFilter filter)
      : report_(std::move(report)), filter_(std::move(filter)), json_(text_, 2) {}

  bool append_to(std::string& out) override;

 private:
  void write_head();
  // Objects from where it stopped; true after the last.
  bool write_objects();
  void write_rest();

  const StatusReport report_;
  const StatusFilter filter_;
  std::string text_;  // the piece
  JsonWriter json_;
  Totals totals_;
  std::size_t next_ = 0;
  bool begun_ = false;
};

// All pieces at once.
std::string whole_text(http::TextSource& source);

}  // namespace sallyport::commands
