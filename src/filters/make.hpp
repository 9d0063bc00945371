// SPDX-License-Identifier: Apache-2.0
// From the model's settings to filters.

#pragma once

#include <memory>
#include <vector>

#include "filters/filter.hpp"
#include "model/filter.hpp"

namespace sallyport::filters {

std::shared_ptr<const Filter> make(const model::Filter& settings);
Chain make(const std::vector<model::Filter>& settings);

}  // namespace sallyport::filters
