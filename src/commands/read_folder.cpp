// SPDX-License-Identifier: Apache-2.0
#include "commands/read_folder.hpp"

#include <utility>

#include "sources/folder_reader.hpp"

namespace sallyport::commands {

Result<SourceReading> read_folder(const std::string& dir, control::Engine& engine) {
  sources::FolderReader reader(dir);
  sources::Changes changes = reader.scan();
  SourceReading reading;
  if (changes.problems) reading.problems = std::move(*changes.problems);
  if (!changes.complete) {
    return fail(invalid(reading.problems.empty() ? dir + " cannot be read" : reading.problems.front().message));
  }
  reading.outcome = engine.apply(changes);
  return reading;
}

}  // namespace sallyport::commands
