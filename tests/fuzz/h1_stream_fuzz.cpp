// SPDX-License-Identifier: Apache-2.0
// Streams of requests: what goes on is what came, to RFC 9112 and to every judge (support/smuggling_oracles.hpp). The
// first byte chooses the conduct and the second the size of the pieces that the stream comes in.

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

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
  using sallyport::http::Underscores;
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data + 2), size - 2);
  Asked asked{.conduct = conduct_of_the_gateway(), .stream = stream};
  asked.conduct.underscores = static_cast<Underscores>(data[0] % 3);
  if ((data[0] & 0x40U) != 0) asked.conduct.path.keep_encoded_slash = false;

  const Made made = pass_requests(stream, asked.conduct, 0);
  require_none(agreement_on_requests(asked, made));
  require_none(emission_of_requests(asked, made));
  require_none(same_however_cut(made, pass_requests(stream, asked.conduct, std::size_t{1} + data[1])));
  return 0;
}
