// SPDX-License-Identifier: Apache-2.0
#include "support/session_gateway.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <string>

#include "filters/forwarded_headers.hpp"
#include "filters/request_id.hpp"
#include "net/listening_sockets.hpp"
#include "net/socket_address.hpp"

namespace sallyport::support {

// Stands before all other filters.
class Gateway::Counting final : public filters::Filter {
 public:
  explicit Counting(std::shared_ptr<Counts> counts) : counts_(std::move(counts)) {}

  net::Task<Result<http::Response>> handle(filters::Exchange& exchange, filters::Next next) const override {
    const bool kept = exchange.after_last_byte([counts = counts_](const http::Outcome&) { ++counts->ended; });
    if (!kept) co_return fail(Code::overloaded);
    ++counts_->begun;
    co_return co_await next(exchange);
  }

 private:
  std::shared_ptr<Counts> counts_;
};

Gateway::Gateway(const proxy::Settings& settings, std::vector<syntax::SocketAddress> main,
                 std::vector<syntax::SocketAddress> side, Chains chains, bool http2)
    : settings_(settings),
      main_(std::move(main)),
      side_(std::move(side)),
      chains_(std::move(chains)),
      http2_(http2),
      shares_(settings_) {
  std::ranges::sort(main_);
  std::ranges::sort(side_);
  const filters::Chain first = {std::make_shared<Counting>(counts_),
                                std::make_shared<filters::ForwardedHeaders>(model::ForwardedHeaders()),
                                std::make_shared<filters::RequestId>(model::RequestId())};
  chains_.listener.insert(chains_.listener.begin(), first.begin(), first.end());
  worker_.emplace(std::size_t{0}, settings_, shares_, shared_, nullptr);
  auto sockets = net::open_listening_sockets(*syntax::SocketAddress::parse("127.0.0.1:0"), 1);
  address_ = sockets->bound;
  worker_->listen("web", address_, std::move(sockets->by_slot.front()));
  adopt({});
}

routing::Ref<routing::Backend> Gateway::backend(const char* id, const routing::SlotRef& slot,
                                                const std::vector<syntax::SocketAddress>& at, bool http2) const {
  std::vector<model::Endpoint> endpoints;
  for (const syntax::SocketAddress& one : at) endpoints.push_back({.address = one});
  auto part = std::make_shared<model::Backend>(model::Backend{.id = id, .endpoint_set = id, .origin = {}});
  if (http2) part->protocol = model::Protocol::http2;
  auto set = std::make_shared<const model::EndpointSet>(model::EndpointSet{id, std::move(endpoints), {}});
  return routing::make_counted<routing::Backend>(std::move(part), std::move(set), slot);
}

routing::Ref<routing::Rule> Gateway::rule(std::uint32_t index, const routing::SlotRef& backend, filters::Chain chain,
                                          filters::Chain destination_chain) const {
  auto part = std::make_shared<model::Rule>();
  part->id = "rule " + std::to_string(index);
  part->path.kind = model::PathMatch::Kind::any;
  part->rank.index = index;
  auto made = routing::make_counted<routing::Rule>(std::move(part), std::move(chain));
  made->destinations.push_back({.backend = backend->slot(),
                                .answer = Code::internal,
                                .weight_up_to = 1,
                                .chain = std::move(destination_chain),
                                .hold = backend});
  return made;
}

void Gateway::adopt(const Shape& shape) {
  auto snapshot = std::make_shared<routing::Snapshot>();
  auto table = routing::make_counted<routing::Table>(table_);
  if (shape.rules) {
    table->add(routing::RuleRef(rule(0, main_slot_, chains_.rule, chains_.destination)));
    table->add(routing::RuleRef(rule(1, side_slot_, {}, {})));
  }
  if (shape.listener) {
    auto part = std::make_shared<const model::Listener>(model::Listener{.id = "web", .port = 80});
    auto listener = routing::make_counted<routing::Listener>(std::move(part), web_);
    listener->chain = chains_.listener;
    listener->tables = {table_};
    snapshot->listener_slots.set("web", web_->slot());
    snapshot->listeners.set(web_->slot(), std::move(listener));
  }
  snapshot->tables.set(table_->slot(), std::move(table));
  std::vector<syntax::SocketAddress> main = main_;
  if (shape.first_endpoint_only) main.resize(1);
  if (shape.no_endpoint) main.clear();
  if (shape.main) snapshot->backends.set(main_slot_->slot(), backend("main", main_slot_, main, http2_));
  if (shape.side) snapshot->backends.set(side_slot_->slot(), backend("side", side_slot_, side_, http2_));
  snapshots_.emplace_back(snapshot, shape);
  worker_->adopt({.snapshot = std::move(snapshot),
                  .freed = {},
                  .backends = {main_slot_->slot(), side_slot_->slot()},
                  .listeners_changed = false});
}

// As the compiler would say it: no snapshot that anybody holds has the backend.
void Gateway::forget_unknown() {
  std::erase_if(snapshots_, [](const auto& one) { return one.first.expired(); });
  const auto has = [&](bool Shape::* backend) {
    return std::ranges::any_of(snapshots_, [&](const auto& one) { return one.second.*backend; });
  };
  if (!has(&Shape::main)) worker_->forget({main_slot_->slot()});
  if (!has(&Shape::side)) worker_->forget({side_slot_->slot()});
}

void Gateway::turn() {
  forget_unknown();
  worker_->loop().post([this] { worker_->loop().stop(); });
  worker_->loop().run();
}

void Gateway::drain() { worker_->drain(); }

void Gateway::end() {
  worker_->loop().stop();
  worker_->run();
}

net::Fd Gateway::connect() const {
  net::KernelAddress kernel = net::to_kernel(address_);
  net::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (::connect(fd.get(), kernel.get(), kernel.size) != 0) return {};
  const int flags = ::fcntl(fd.get(), F_GETFL);
  return ::fcntl(fd.get(), F_SETFL, flags | O_NONBLOCK) == 0 ? std::move(fd) : net::Fd();
}

}  // namespace sallyport::support
