// SPDX-License-Identifier: Apache-2.0
// What an upstream says to one request: what goes on is what came, to RFC 9112 and to every judge
// (support/smuggling_oracles.hpp). The first byte chooses method and client, the second the size of the pieces.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "require.hpp"
#include "support/smuggling_oracles.hpp"
#include "support/smuggling_session.hpp"

namespace {

void require_none(const std::string& fault) {
  if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
  sallyport::fuzz::require(fault.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sallyport::support::smuggling;
  using sallyport::http::Method;
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 2), size - 2);
  const bool head = (data[0] & 1U) != 0;
  const Method method = head ? Method::head : Method::get;
  const Client client{.http10 = (data[0] & 2U) != 0, .keeps_alive = false};
  const std::vector<std::string> methods = {head ? "HEAD" : "GET"};

  const std::vector<Made> made = {pass_response(stream, method, client, 0)};
  require_none(agreement_on_response(stream, methods[0], made[0]));
  require_none(emission_of_responses(methods, made, client));
  require_none(same_however_cut(made[0], pass_response(stream, method, client, std::size_t{1} + data[1])));
  return 0;
}
