// SPDX-License-Identifier: Apache-2.0
#include "commands/told_back.hpp"

#include <string>
#include <utility>

#include "commands/log.hpp"
#include "sources/api_server/identity.hpp"

namespace sallyport::commands {

void ToldBack::tell(const sources::Published& published) {
  lines_.tell(published);
  if (writes_) writes_->events().tell(published);
}

void ToldBack::gone(const ObjectRef& ref) {
  lines_.gone(ref);
  if (writes_) writes_->events().gone(ref);
}

void ToldBack::begin(net::Loop& loop, sources::api_server::Api& api, sources::api_server::LeasePlace place,
                     control::Control& control, std::optional<sources::api_server::OwnPod> pod) {
  sources::api_server::ElectionSettings settings;
  settings.identity = sources::api_server::new_identity();
  writes_.emplace(loop, api, std::move(place), settings,
                  [](const std::string& line, bool bad) { bad ? log_warning(line) : log_info(line); });
  control.send_statuses_to(writes_->statuses());
  if (pod) {
    writes_->find_addresses(*std::move(pod), [&control](auto addresses) { control.reached_at(std::move(addresses)); });
  }
  writes_->start();
}

void ToldBack::stop(std::move_only_function<void()> done) {
  if (writes_) return writes_->stop(std::move(done));
  done();
}

std::optional<Figures::ToldBack> ToldBack::figures() const {
  if (!writes_) return std::nullopt;
  return Figures::ToldBack{
      .leads = writes_->leads(), .statuses = writes_->status_counts(), .events = writes_->event_counts()};
}

}  // namespace sallyport::commands
