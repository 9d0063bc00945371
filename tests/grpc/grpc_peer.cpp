// SPDX-License-Identifier: Apache-2.0
// A server and a client of gRPC's C++ library. tests/end_to_end/grpc_peer.py is the same in Python: they say the same
// lines.
//
//   grpc_peer serve [CONNECTION_AGE_MS [CERTIFICATE KEY]]     says where it listens, and when a call is cancelled
//   grpc_peer call ADDRESS AUTHORITY [CA]                     makes a call of each kind, and says what came of it
//
// With the names of files it is TLS; an age of 0 is none.

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "echo.grpc.pb.h"

namespace {

using grpc::Status;
using sallyport::test::Echo;
using sallyport::test::Text;

constexpr std::size_t large = 4 << 20;
constexpr int no_limit = -1;

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

std::string contents(const char* name) {
  std::ifstream file(name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::ServerCredentials> server_credentials(const char* certificate, const char* key) {
  if (certificate == nullptr) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({contents(key), contents(certificate)});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> client_credentials(const char* authorities) {
  if (authorities == nullptr) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = contents(authorities);
  return grpc::SslCredentials(options);
}

Text text(std::string data, unsigned count = 0) {
  Text message;
  message.set_data(std::move(data));
  message.set_count(count);
  return message;
}

// The caller's x-test and x-test-bin come back in both blocks of metadata.
template <class Context>
void give_back_metadata(Context& context) {
  for (const auto& [name, value] : context.client_metadata()) {
    const std::string key(name.data(), name.size());
    if (!key.starts_with("x-test")) continue;
    context.AddInitialMetadata(key, std::string(value.data(), value.size()));
    context.AddTrailingMetadata(key, std::string(value.data(), value.size()));
  }
}

// Says one message, and waits to be cancelled.
class Waiting final : public grpc::ServerWriteReactor<Text> {
 public:
  explicit Waiting(const Text* request) : answer_(*request) { StartWrite(&answer_); }
  void OnWriteDone(bool) override {}
  void OnCancel() override {
    say("cancelled");
    Finish(Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  Text answer_;
};

class Many final : public grpc::ServerWriteReactor<Text> {
 public:
  explicit Many(const Text* request) : answer_(*request), left_(request->count()) { next(); }
  void OnWriteDone(bool good) override { good ? next() : Finish(Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  void next() { left_-- == 0 ? Finish(Status::OK) : StartWrite(&answer_); }

  Text answer_;
  unsigned left_;
};

class Gather final : public grpc::ServerReadReactor<Text> {
 public:
  explicit Gather(Text* answer) : answer_(*answer) { StartRead(&message_); }
  void OnReadDone(bool good) override {
    if (!good) return Finish(Status::OK);
    answer_.mutable_data()->append(message_.data());
    StartRead(&message_);
  }
  void OnDone() override { delete this; }

 private:
  Text& answer_;
  Text message_;
};

class Chat final : public grpc::ServerBidiReactor<Text, Text> {
 public:
  Chat() { StartRead(&message_); }
  void OnReadDone(bool good) override { good ? StartWrite(&message_) : Finish(Status::OK); }
  void OnWriteDone(bool good) override { good ? StartRead(&message_) : Finish(Status::CANCELLED); }
  void OnDone() override { delete this; }

 private:
  Text message_;
};

class Service final : public Echo::CallbackService {
  grpc::ServerUnaryReactor* Once(grpc::CallbackServerContext* context, const Text* request, Text* answer) override {
    give_back_metadata(*context);
    *answer = *request;
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* Fail(grpc::CallbackServerContext* context, const Text* request, Text*) override {
    auto* const reactor = context->DefaultReactor();
    reactor->Finish(Status(static_cast<grpc::StatusCode>(request->count()), request->data()));
    return reactor;
  }
  grpc::ServerWriteReactor<Text>* Many(grpc::CallbackServerContext*, const Text* request) override {
    return new ::Many(request);
  }
  grpc::ServerReadReactor<Text>* Gather(grpc::CallbackServerContext*, Text* answer) override {
    return new ::Gather(answer);
  }
  grpc::ServerBidiReactor<Text, Text>* Chat(grpc::CallbackServerContext*) override { return new ::Chat(); }
  grpc::ServerWriteReactor<Text>* Wait(grpc::CallbackServerContext*, const Text* request) override {
    return new Waiting(request);
  }
};

int serve(int connection_age, const char* certificate, const char* key) {
  Service service;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", server_credentials(certificate, key), &port);
  builder.SetMaxReceiveMessageSize(no_limit);
  if (connection_age != 0) builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS, connection_age);
  builder.RegisterService(&service);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  say("listening on http://127.0.0.1:" + std::to_string(port));
  server->Wait();
  return 0;
}

class Client {
 public:
  Client(const std::string& address, const std::string& authority, const char* authorities) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(no_limit);
    arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, authority);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    arguments.SetSslTargetNameOverride(authority);
    stub_ = Echo::NewStub(grpc::CreateCustomChannel(address, client_credentials(authorities), arguments));
  }

  // False: nobody is there.
  bool once() {
    grpc::ClientContext context;
    context.AddMetadata("x-test", "seen");
    context.AddMetadata("x-test-bin", std::string("\0\xff", 2));
    Text answer;
    const Status status = stub_->Once(&context, text("hello"), &answer);
    tell("once", status, answer.data());
    if (!status.ok()) return false;
    for (const auto* block : {&context.GetServerInitialMetadata(), &context.GetServerTrailingMetadata()}) {
      const auto word = block->find("x-test");
      const auto bytes = block->find("x-test-bin");
      const bool both = word != block->end() && word->second == "seen" && bytes != block->end() &&
                        bytes->second == grpc::string_ref("\0\xff", 2);
      say(both ? "metadata: both" : "metadata: lost");
    }
    return true;
  }
  void many() {
    grpc::ClientContext context;
    const auto reader = stub_->Many(&context, text("again", 100));
    Text answer;
    int count = 0;
    while (reader->Read(&answer)) count += answer.data() == "again" ? 1 : 0;
    tell("many", reader->Finish(), std::to_string(count));
  }
  void gather() {
    grpc::ClientContext context;
    Text answer;
    const auto writer = stub_->Gather(&context, &answer);
    for (int i = 0; i < 100; ++i) writer->Write(text("x"));
    writer->WritesDone();
    tell("gather", writer->Finish(), std::to_string(answer.data().size()));
  }
  void chat() {
    grpc::ClientContext context;
    const auto stream = stub_->Chat(&context);
    Text answer;
    int count = 0;
    for (int i = 0; i < 20; ++i) {
      const std::string said = std::to_string(i);
      if (stream->Write(text(said)) && stream->Read(&answer) && answer.data() == said) ++count;
    }
    stream->WritesDone();
    tell("chat", stream->Finish(), std::to_string(count));
  }
  void send_much() {
    grpc::ClientContext context;
    Text answer;
    const std::string data(large, 'l');
    const Status status = stub_->Once(&context, text(data), &answer);
    tell("large", status, answer.data() == data ? "same" : "another");
  }
  void fail() {
    grpc::ClientContext context;
    Text answer;
    tell("fail", stub_->Fail(&context, text("not now, \xc3\xa4 100%", 9), &answer), "");
  }
  void wait_too_long() {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
    const auto reader = stub_->Wait(&context, text("first"));
    Text answer;
    while (reader->Read(&answer)) continue;
    tell("deadline", Status(reader->Finish().error_code(), ""), answer.data());
  }
  void cancel() {
    grpc::ClientContext context;
    const auto reader = stub_->Wait(&context, text("first"));
    Text answer;
    reader->Read(&answer);
    context.TryCancel();
    tell("cancel", Status(reader->Finish().error_code(), ""), answer.data());
  }

 private:
  static void tell(std::string_view what, const Status& status, const std::string& data) {
    say(std::string(what) + ": " + std::to_string(status.error_code()) + " " + status.error_message() + data);
  }

  std::unique_ptr<Echo::Stub> stub_;
};

}  // namespace

int main(int count, char** arguments) {
  const std::string_view what = count > 1 ? arguments[1] : "";
  if (what == "serve") {
    const bool with_tls = count > 4;
    return serve(count > 2 ? std::atoi(arguments[2]) : 0, with_tls ? arguments[3] : nullptr,
                 with_tls ? arguments[4] : nullptr);
  }
  if (what != "call" || count < 4) return 2;
  Client client(arguments[2], arguments[3], count > 4 ? arguments[4] : nullptr);
  if (!client.once()) return 0;
  client.many();
  client.gather();
  client.chat();
  client.send_much();
  client.fail();
  client.wait_too_long();
  client.cancel();
  return 0;
}
