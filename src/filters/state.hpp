// SPDX-License-Identifier: Apache-2.0
// What filters remember between requests, by a stable key that outlives every snapshot: of one worker, or of the
// process.
//
// T is made at first use by its default constructor. A process-wide T is shared by all workers and must be built of
// atomics; each worker looks it up under the lock once and then in its own table.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <typeindex>
#include <utility>

namespace sallyport::filters {

class StateTable {
 public:
  template <class T>
  std::shared_ptr<T> get(std::string_view key) {
    std::shared_ptr<void>& state = states_[{std::type_index(typeid(T)), std::string(key)}];
    if (!state) state = std::make_shared<T>();
    return std::static_pointer_cast<T>(state);
  }

 protected:
  std::map<std::pair<std::type_index, std::string>, std::shared_ptr<void>> states_;
};

// Any thread.
class SharedStates {
 public:
  template <class T>
  std::shared_ptr<T> get(std::string_view key) {
    const std::lock_guard lock(mutex_);
    return table_.get<T>(key);
  }

 private:
  std::mutex mutex_;
  StateTable table_;
};

// One worker's.
class WorkerStates {
 public:
  explicit WorkerStates(SharedStates& shared) : shared_(shared) {}

  template <class T>
  T& own(std::string_view key) {
    return *own_.get<T>(key);
  }
  template <class T>
  T& shared(std::string_view key) {
    std::shared_ptr<T>& known = *seen_.get<std::shared_ptr<T>>(key);
    if (!known) known = shared_.get<T>(key);
    return *known;
  }

 private:
  SharedStates& shared_;
  StateTable own_;
  StateTable seen_;
};

}  // namespace sallyport::filters
