// SPDX-License-Identifier: Apache-2.0
// The one rule that maps our names to the API's: cluster_ip is clusterIP, and as an enum's value ClusterIP.
//
// Words are glued with upper-case initials; the first one of a field stays lower-case. The words that the API writes in
// another way stand in one table in names.cpp.

#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace sallyport::kube {

std::string field_name(std::string_view member);
std::string value_name(std::string_view enumerator);

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

// The API's names of a described struct's members, in order.
template <class T>
const auto& field_names() {
  static const auto names = [] {
    std::array<std::string, boost::mp11::mp_size<Members<T>>::value> all;
    std::size_t at = 0;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) { all[at++] = field_name(member.name); });
    return all;
  }();
  return names;
}

// The API's names of a described enum's values, in order.
template <class E>
const auto& value_names() {
  using Values = boost::describe::describe_enumerators<E>;
  static const auto names = [] {
    std::array<std::string, boost::mp11::mp_size<Values>::value> all;
    std::size_t at = 0;
    boost::mp11::mp_for_each<Values>([&](auto value) { all[at++] = value_name(value.name); });
    return all;
  }();
  return names;
}

}  // namespace sallyport::kube
