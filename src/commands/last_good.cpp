// SPDX-License-Identifier: Apache-2.0
#include "commands/last_good.hpp"

#include <optional>
#include <string>
#include <utility>

#include "base/text.hpp"
#include "commands/log.hpp"
#include "sallyport_version.hpp"
#include "sources/last_good/directory.hpp"

namespace sallyport::commands {

namespace last_good = sources::last_good;

LastGood::LastGood(net::Loop& loop, control::Control& control, const last_good::Settings& settings)
    : control_(control),
      settings_{.directory = settings.directory, .key_file = settings.key_file, .by = std::string(sallyport::version)},
      keeper_(
          loop, settings_,
          [this]() -> std::optional<last_good::Keeper::Objects> {
            if (!control_.is_settled()) return std::nullopt;
            return control_.chosen();
          },
          [](const std::string& line, bool bad) { bad ? log_error(line) : log_info(line); }) {}

bool LastGood::restore() {
  std::optional<last_good::Key> key;
  if (!settings_.key_file.empty()) {
    Result<last_good::Key> read = last_good::Key::read(settings_.key_file);
    if (!read) {
      log_error(text::cat("--last-good-key ", read.error().detail));
      return false;
    }
    key = *std::move(read);
  }
  const last_good::Loaded loaded = last_good::load(settings_.directory, key ? &*key : nullptr);
  for (const std::string& line : loaded.passed_over) log_error(text::cat("last good: ", line));
  if (!loaded.contents) return false;
  const last_good::Contents& contents = *loaded.contents;
  log_warning(text::cat("last good: serving ", contents.objects.size(), " objects of ", contents.written, " (",
                        loaded.file, contents.has_secrets ? "" : ", without Secrets", ") until the source answers"));
  if (contents.unreadable != 0) {
    log_error(text::cat("last good: ", contents.unreadable, " objects of it are of no kind or form that is read here"));
  }
  control_.restore(contents.objects, contents.has_secrets);
  return true;
}

void LastGood::changed() {
  if (!control_.is_settled()) return;
  const std::size_t unconfirmed = control_.unconfirmed();
  const bool is_first = !std::exchange(was_settled_, true);
  if (unconfirmed != 0 && is_first) {
    log_warning(text::cat("last good: the source has answered; ", unconfirmed,
                          " objects that it did not give stay until all of it can be read"));
  } else if (unconfirmed == 0 && told_unconfirmed_ != 0) {
    log_info("last good: all that is served is the source's");
  }
  told_unconfirmed_ = unconfirmed;
  keeper_.changed();
}

}  // namespace sallyport::commands
