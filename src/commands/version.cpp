// SPDX-License-Identifier: Apache-2.0
#include "commands/version.hpp"

#include <openssl/crypto.h>
#include <simdjson.h>
#include <spdlog/version.h>
#include <yaml.h>
#include <CLI/CLI.hpp>
#include <boost/version.hpp>
#include <ostream>

#include "sallyport_version.hpp"

namespace sallyport::commands {

int version(std::ostream& out) {
  out << "sallyport " << sallyport::version << '\n'
      << "commit    " << commit << '\n'
      << "compiler  " << compiler << '\n'
      << "libraries " << ::OpenSSL_version(OPENSSL_VERSION) << "; libyaml " << ::yaml_get_version_string()
      << "; simdjson " << SIMDJSON_STRINGIFY(SIMDJSON_VERSION) << "; Boost " << BOOST_VERSION / 100000 << '.'
      << BOOST_VERSION / 100 % 1000 << "; spdlog " << SPDLOG_VER_MAJOR << '.' << SPDLOG_VER_MINOR << '.'
      << SPDLOG_VER_PATCH << "; CLI11 " << CLI11_VERSION << '\n';
  return 0;
}

}  // namespace sallyport::commands
