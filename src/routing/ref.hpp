// SPDX-License-Identifier: Apache-2.0
// The counted pointer that snapshots are made of. The count is a plain integer: nodes are made, shared and freed on the
// compiler's thread only; workers read through raw pointers, inside a snapshot that they hold, and never copy a Ref.
//
// Freeing needs no stack however deep a structure is.

#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "routing/node_memory.hpp"

namespace sallyport::routing {

// Of this thread: one compiler's, as a thread has one.
struct NodeCounts {
  std::uint64_t made = 0;
  std::int64_t alive = 0;
  std::int64_t bytes = 0;  // of those alive, as far as they know
};

inline NodeCounts& node_counts() {
  static thread_local NodeCounts counts;
  return counts;
}

// What a Ref may point to. Made with make_counted() only.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted& /*other*/) {}  // a copy is a node of its own
  Counted& operator=(const Counted&) = delete;

 protected:
  ~Counted() = default;

 private:
  template <class>
  friend class Ref;

  mutable std::uintptr_t count_ = 0;  // of a dead one: the next dead one
};

template <class T>
void free_counted(T* node);

template <class T>
class Ref {
 public:
  Ref() = default;
  Ref(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  explicit Ref(T* to) : to_(to) {
    if (to_ != nullptr) ++counted(to_)->count_;
  }
  Ref(const Ref& other) : Ref(other.to_) {}
  Ref(Ref&& other) noexcept : to_(std::exchange(other.to_, nullptr)) {}
  template <class U>
    requires(std::is_convertible_v<U*, T*> && !std::is_same_v<U, T>)
  Ref(Ref<U> other) : Ref(other.get()) {}  // NOLINT(google-explicit-constructor)
  Ref& operator=(Ref other) noexcept {
    std::swap(to_, other.to_);
    return *this;
  }
  ~Ref() {
    if (to_ != nullptr && --counted(to_)->count_ == 0) bury(to_);
  }

  T* get() const { return to_; }
  T& operator*() const { return *to_; }
  T* operator->() const { return to_; }
  explicit operator bool() const { return to_ != nullptr; }
  bool operator==(const Ref& other) const = default;
  bool operator==(std::nullptr_t) const { return to_ == nullptr; }

  // Nobody else has it: it may be changed in place.
  bool is_only() const { return counted(to_)->count_ == 1; }

 private:
  static const Counted* counted(const T* node) { return node; }

  // One that dies while another of its kind is being freed waits for its turn.
  static void bury(T* node) {
    static thread_local T* waiting = nullptr;
    static thread_local bool freeing = false;
    counted(node)->count_ = reinterpret_cast<std::uintptr_t>(waiting);
    waiting = node;
    if (std::exchange(freeing, true)) return;
    while (waiting != nullptr) {
      T* const dead = waiting;
      waiting = reinterpret_cast<T*>(counted(dead)->count_);
      free_counted(dead);
    }
    freeing = false;
  }

  T* to_ = nullptr;
};

// With the bytes behind it that make_counted_with() gave it.
template <class T>
std::size_t node_size(const T& node) {
  if constexpr (requires { node.bytes_behind(); }) {
    return sizeof(T) + node.bytes_behind();
  } else {
    return sizeof(T);
  }
}

// What it takes in memory, with what hangs on it alone; the same for as long as it lives, or told by recounted().
template <class T>
std::int64_t counted_bytes(const T& node) {
  if constexpr (requires { node.bytes_beside(); }) {
    return static_cast<std::int64_t>(node_size(node) + node.bytes_beside());
  } else {
    return static_cast<std::int64_t>(node_size(node));
  }
}

// `behind` bytes are allocated behind the object, for its own use; it knows how many, as bytes_behind().
template <class T, class... Args>
Ref<T> make_counted_with(std::size_t behind, Args&&... args) {
  void* const memory = take_node_memory(sizeof(T) + behind);
  T* const made = ::new (memory) T(std::forward<Args>(args)...);
  NodeCounts& counts = node_counts();
  ++counts.made;
  ++counts.alive;
  counts.bytes += counted_bytes(*made);
  return Ref<T>(made);
}

template <class T, class... Args>
Ref<T> make_counted(Args&&... args) {
  return make_counted_with<T>(0, std::forward<Args>(args)...);
}

template <class T>
void free_counted(T* node) {
  NodeCounts& counts = node_counts();
  --counts.alive;
  counts.bytes -= counted_bytes(*node);
  const std::size_t size = node_size(*node);
  node->~T();
  give_node_memory(const_cast<void*>(static_cast<const void*>(node)), size);
}

// Changes what may be changed in place, and counts its bytes anew.
template <class T, class Change>
void recounted(T& node, Change change) {
  node_counts().bytes -= counted_bytes(node);
  change(node);
  node_counts().bytes += counted_bytes(node);
}

// The node itself if nobody else has it, and otherwise a copy that takes its place.
template <class T>
T& own(Ref<T>& node) {
  if (!node.is_only()) node = make_counted<T>(*node);
  return *node;
}

}  // namespace sallyport::routing
