// SPDX-License-Identifier: Apache-2.0
// The parameters of a request's query, by name. The query is read once however many rules ask, and a question costs no
// more the longer it is: who sends a request does not choose how long a worker is busy with it.
//
// Only the first `most` parameters are known. What is behind them is neither there nor missing, and a rule that wants
// to know does not fit. Belongs to one request.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sallyport::routing {

// Percent-decoded and with '+' as a space; what is no triplet stands for itself.
bool decodes_to(std::string_view text, std::string_view wanted);
// Of a decoded text.
std::uint32_t parameter_hash(std::string_view name);

class Parameters {
 public:
  static constexpr std::size_t most = 64;

  Parameters();  // leaves the room for them as it is: most requests are not asked

  struct Parameter {
    std::uint32_t hash;
    std::uint32_t name;   // where they begin in the query
    std::uint32_t value;  // behind its '=', or the end
    std::uint32_t end;
    std::uint32_t decoded_size;  // of the value; not_decoded before somebody asked
  };

  // The first of that name, both as it came; null when there is none among those known. `name` is decoded and `hash`
  // its hash. A `query` that is another text than before is read anew.
  Parameter* find(std::string_view query, std::string_view name, std::uint32_t hash);
  // Of the query last asked about: there are more than those known.
  bool has_more() const { return has_more_; }

  std::string_view value(const Parameter& of) const { return query_.substr(of.value, of.end - of.value); }
  // Good until the query is another. Takes memory once a query, and only if something in it is encoded.
  std::string_view decoded(Parameter& of);

  // How often a parameter was read or the whole of a name compared.
  std::uint64_t steps() const { return steps_; }

 private:
  static constexpr std::uint32_t not_decoded = UINT32_MAX;

  void read(std::string_view query);
  std::string_view name(const Parameter& of) const;

  std::string_view query_;
  std::array<Parameter, most> all_;
  std::size_t size_ = 0;
  bool has_more_ = false;
  std::uint64_t steps_ = 0;
  std::string decoded_;  // each value where it is in the query
};

inline Parameters::Parameters() = default;

}  // namespace sallyport::routing
