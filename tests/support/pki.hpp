// SPDX-License-Identifier: Apache-2.0
// Certificates that a test makes: good ones, and such as nobody should trust.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace sallyport::support {

struct Issued {
  std::string certificate;  // PEM, and behind it those above it that the test asked for
  std::string key;          // PEM
};

struct Wanted {
  std::string common_name = "test";
  std::string names = "DNS:shop.example.com";   // the SAN, as openssl.cnf has it; empty: none
  std::string raw_name = {};                    // one more DNS name, whose bytes no check has seen
  std::string usage = "serverAuth,clientAuth";  // empty: no extendedKeyUsage
  std::string key_usage = {};                   // empty: to sign, or of an authority to sign certificates and lists
  std::string constraints = {};                 // nameConstraints of an authority
  int from_days = -1;                           // before which it is not valid yet, from now
  int to_days = 30;
  bool authority = false;
  int path_length = -1;
  bool sha1 = false;
  std::string key = "P-256";  // or another curve, "ED25519", "ED448", "RSA-2048"
  bool damaged = false;       // its signature
};

// Signed by itself, with nobody above it.
Issued self_signed(const Wanted& wanted);

// The key, which only who knows the password can read.
std::string encrypted_key(const Issued& issued, const char* password);

class Authority {
 public:
  // Signed by itself.
  explicit Authority(const std::string& common_name);
  explicit Authority(const Wanted& wanted);
  // Signed by another.
  Authority(const Authority& above, Wanted wanted);
  Authority(Authority&& other) noexcept;
  ~Authority();

  Issued issue(const Wanted& wanted) const;
  const std::string& pem() const { return pem_; }
  // A list of the certificates (PEM) that it has revoked, which is good from yesterday on.
  std::string revocations(const std::vector<std::string>& certificates, int to_days = 30) const;

 private:
  x509_st* certificate_ = nullptr;
  evp_pkey_st* key_ = nullptr;
  std::string pem_;
};

}  // namespace sallyport::support
