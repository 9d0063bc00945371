// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "support/lenient_judge.hpp"
#include "support/smuggling_oracles.hpp"
#include "support/strict_grammar.hpp"

namespace sallyport::support::smuggling {
namespace {

// Rules by which we refuse what RFC 9112 allows, or allows to repair.
constexpr std::array<std::string_view, 11> stricter = {
    "H1-2",   // other codings, empty items in the list
    "H1-3",   // more than 19 digits
    "H1-5",   // blanks and obs-text in chunk extensions, long ones, more than 16 digits
    "H1-8",   // underscores, if the user says so
    "H1-9",   // Host besides another authority in the target; hosts that are no name and no address
    "H1-10",  // targets of other schemes
    "H1-11",  // CONNECT, TRACE, TRACK
    "H1-13",  // other expectations
    "H1-14",  // too many options
    "H1-15",  // sizes and counts
    "H1-20",  // paths
};

std::string wrong(std::string_view what, std::size_t message, std::string_view detail = {}) {
  std::string text = "message " + std::to_string(message) + ": " + std::string(what);
  if (!detail.empty()) text.append(" (").append(detail).append(")");
  return text;
}

// Host names have no case, may end in a dot, and a port is a number that is left out when it is the scheme's.
std::string plain_host(std::string_view host, std::string_view target) {
  const std::size_t colon = host.rfind(':');
  const bool has_port = colon != host.npos && host.find(']', colon) == host.npos;
  std::string text(host.substr(0, has_port ? colon : host.npos));
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (text.ends_with('.')) text.pop_back();
  const auto port = has_port ? strict::decimal(host.substr(colon + 1)) : std::nullopt;
  const bool https = strict::same_name(target.substr(0, 6), "https:");
  if (port && *port != (https ? 443 : 80)) text += ":" + std::to_string(*port);
  return text;
}

bool same_message(const Passed& ours, const strict::Message& theirs) {
  return ours.method == theirs.method && ours.body == theirs.body;
}

bool is_one_of(std::string_view name, std::span<const std::string_view> of) {
  return std::ranges::any_of(of, [name](std::string_view one) { return strict::same_name(name, one); });
}

// For this hop, or said anew by members of the model.
constexpr std::array<std::string_view, 12> never_passed = {"host",
                                                           "content-length",
                                                           "transfer-encoding",
                                                           "connection",
                                                           "keep-alive",
                                                           "proxy-connection",
                                                           "te",
                                                           "upgrade",
                                                           "expect",
                                                           "http2-settings",
                                                           "proxy-authenticate",
                                                           "proxy-authorization"};
// What Connection may not take away.
constexpr std::array<std::string_view, 3> kept_in_any_case = {"x-forwarded-for", "x-real-ip", "forwarded"};

// Path and query of a target, whatever its form, with the '?' of the query.
std::string path_and_query(std::string_view target) {
  const std::size_t scheme = target.find("://");
  const bool absolute = !target.starts_with('/') && scheme != target.npos;
  if (absolute) target.remove_prefix(std::min(target.find_first_of("/?", scheme + 3), target.size()));
  return (target.starts_with('/') || target == "*" ? "" : "/") + std::string(target);
}

// The query goes on as it came, and so does a path that has but one spelling.
bool is_target_of(std::string_view went, std::string_view came) {
  const std::string whole = path_and_query(came);
  const std::string_view path = std::string_view(whole).substr(0, whole.find('?'));
  const bool plain = path.find_first_of("%.\\\"<>[]^`{|}") == path.npos && path.find("//") == path.npos;
  const std::string_view went_path = went.substr(0, went.find('?'));
  if (went.substr(went_path.size()) != std::string_view(whole).substr(path.size())) return false;
  return !plain || went_path == path || (went == "*" && path == "/");  // OPTIONS of a whole server
}

// Why a field may have been left out.
bool may_be_dropped(const strict::Line& field, const strict::Message& of) {
  if (is_one_of(field.name, never_passed) || field.name.find('_') != field.name.npos) return true;
  if (strict::same_name(field.name, "trailer") && !of.chunked) return true;
  return strict::lists(of, "connection", field.name) && !is_one_of(field.name, kept_in_any_case);
}

// The fields that went on are those that came, in order, without some that may be dropped.
std::string fields_went_on(const strict::Message& came, const strict::Message& went) {
  std::size_t at = 0;
  for (const strict::Line& field : went.fields) {
    if (is_one_of(field.name, never_passed)) continue;
    while (at < came.fields.size() && came.fields[at] != field) {
      if (!may_be_dropped(came.fields[at], came)) return "a field was lost";
      ++at;
    }
    if (at == came.fields.size()) return "a field was added";
    if (strict::lists(came, "connection", field.name) && !is_one_of(field.name, kept_in_any_case) &&
        !strict::same_name(field.name, "cookie") && !strict::same_name(field.name, "x-request-id")) {
      return "a field that Connection names went on";
    }
    ++at;
  }
  const auto lost = std::find_if(came.fields.begin() + static_cast<std::ptrdiff_t>(at), came.fields.end(),
                                 [&](const strict::Line& field) { return !may_be_dropped(field, came); });
  return lost == came.fields.end() ? "" : "a field was lost";
}

std::string one_emission(const Passed& ours, const strict::Message& came) {
  const strict::Reading went = strict::read_requests(ours.bytes, strict::As::sent);
  if (went.end != strict::End::whole || went.messages.size() != 1 || went.messages[0].begin != 0) {
    return "is not one whole message as it goes on: " + went.why;
  }
  const strict::Message& message = went.messages[0];
  if (!same_message(ours, message)) return "goes on with another method or body";
  if (message.target != ours.target || message.host != ours.host) return "goes on to another target or host";
  if (!is_target_of(message.target, came.target)) return "goes on to a target that did not come";
  if (message.fields.empty() || message.fields[0].name != "Host") return "does not begin with Host";
  if (message.chunked && !message.plain_coding) return "goes on with another coding";
  if (!message.http11) return "does not go on as HTTP/1.1";
  if (ours.switches != strict::lists(message, "upgrade", "websocket")) return "switches otherwise than it was read";
  if (!trailers_went(ours, message)) return "goes on with other trailers";
  return fields_went_on(came, message);
}

}  // namespace

std::string agreement_on_requests(const Asked& asked, const Made& run) {
  const strict::Reading reading = strict::read_requests(asked.stream, strict::As::received);
  for (std::size_t i = 0; i < run.passed.size(); ++i) {
    const Passed& ours = run.passed[i];
    if (i == reading.messages.size()) return wrong("we read one that is none", i, reading.why);
    const strict::Message& theirs = reading.messages[i];
    if (ours.end != theirs.end) return wrong("it ends elsewhere", i);
    if (!same_message(ours, theirs)) return wrong("another method or body", i);
    if (ours.raw_target != theirs.target) return wrong("another target", i);
    const std::string host = plain_host(ours.host, theirs.target);
    // Other spellings of an IPv6 address are not this oracle's to know.
    if (host != plain_host(theirs.host, theirs.target) && !host.starts_with('[')) return wrong("another host", i);
    if (!trailers_came(ours, theirs)) return wrong("other trailers", i);
    const bool last = i + 1 == run.passed.size();
    if (last && (run.stop == Stop::closed) != (!theirs.persists || ours.switches)) {
      return wrong("another opinion on whether the connection goes on", i);
    }
  }
  if (run.stop == Stop::closed) return {};
  const bool theirs_goes_on = reading.messages.size() > run.passed.size();
  const std::size_t next = run.passed.size();
  switch (run.stop) {
    case Stop::refused:
      if (run.rule.empty()) return wrong("refused without a rule", next, run.detail);
      if (theirs_goes_on && std::ranges::find(stricter, run.rule) == stricter.end()) {
        return wrong("refused, and no rule is stricter than the RFC here", next, run.rule + " " + run.detail);
      }
      return {};
    case Stop::cut:
      return !theirs_goes_on && reading.end == strict::End::cut ? ""
                                                                : wrong("we wait for more of it", next, reading.why);
    default:
      return !theirs_goes_on && reading.end == strict::End::whole ? "" : wrong("we see no more", next, reading.why);
  }
}

std::string emission_of_requests(const Asked& asked, const Made& run) {
  const strict::Reading came = strict::read_requests(asked.stream, strict::As::received);
  std::string all;
  for (std::size_t i = 0; i < run.passed.size(); ++i) {
    if (i == came.messages.size()) return wrong("we read one that is none", i, came.why);
    const std::string fault = one_emission(run.passed[i], came.messages[i]);
    if (!fault.empty()) return wrong(fault, i);
    all += run.passed[i].bytes;
  }
  all += run.unfinished;
  for (const Habits& habits : judges()) {
    const Verdict verdict = judge_requests(all, habits);
    for (std::size_t i = 0; i < run.passed.size(); ++i) {
      const Passed& ours = run.passed[i];
      const bool same =
          i < verdict.messages.size() && verdict.messages[i] == Seen{ours.method, ours.target, ours.host, ours.body};
      if (!same) return wrong("a judge sees another message", i, habits.name);
    }
    if (verdict.messages.size() != run.passed.size() || verdict.whole == run.begun) {
      return wrong("a judge sees a message that is none", run.passed.size(), habits.name);
    }
  }
  return {};
}

bool trailers_came(const Passed& ours, const strict::Message& theirs) {
  std::size_t at = 0;
  for (const auto& [name, value] : ours.trailers) {
    while (at < theirs.trailers.size() && theirs.trailers[at] != strict::Line{name, value}) ++at;
    if (at++ == theirs.trailers.size() || is_one_of(name, never_passed) || is_one_of(name, kept_in_any_case))
      return false;
  }
  return true;
}

bool trailers_went(const Passed& ours, const strict::Message& theirs) {
  return std::ranges::equal(ours.trailers, theirs.trailers, [](const auto& one, const strict::Line& other) {
    return one.first == other.name && one.second == other.value;
  });
}

std::string same_however_cut(const Made& whole, const Made& pieces) {
  if (whole.passed.size() != pieces.passed.size()) return "another number of messages when the bytes come in pieces";
  for (std::size_t i = 0; i < whole.passed.size(); ++i) {
    const Passed& one = whole.passed[i];
    const Passed& other = pieces.passed[i];
    const bool same = one.begin == other.begin && one.end == other.end && one.method == other.method &&
                      one.target == other.target && one.host == other.host && one.body == other.body &&
                      one.trailers == other.trailers && one.status == other.status && one.switches == other.switches;
    if (!same) return wrong("is another one when its bytes come in pieces", i);
  }
  if (whole.rest != pieces.rest) return wrong("begins elsewhere when its bytes come in pieces", whole.passed.size());
  // A head or a trailer section that is not whole yet is not looked through at each byte: a fault is seen at its end.
  if (whole.stop == Stop::refused && pieces.stop == Stop::cut) return {};
  if (whole.stop != pieces.stop || whole.begun != pieces.begun) {
    return wrong("ends otherwise when its bytes come in pieces", whole.passed.size(),
                 whole.rule + whole.detail + ", " + pieces.rule + pieces.detail);
  }
  return whole.rule == pieces.rule ? "" : wrong("another rule when its bytes come in pieces", whole.passed.size());
}

}  // namespace sallyport::support::smuggling
