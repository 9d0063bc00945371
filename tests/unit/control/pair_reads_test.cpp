// SPDX-License-Identifier: Apache-2.0
// Of each version of a Secret OpenSSL reads certificate and key once, however many ask: at a start there are thousands.

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <openssl/decoder.h>
#include <openssl/pem.h>

#include <memory>
#include <ostream>
#include <string>

#include "control/engine.hpp"
#include "support/secret_yaml.hpp"
#include "unit/control/objects.hpp"

namespace {

int certificates_read = 0;
int keys_read = 0;

template <class Function>
Function* next(Function*, const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// Both stand before OpenSSL's own. OpenSSL itself decodes the public key of each certificate, which is not in PEM.
extern "C" X509* PEM_read_bio_X509(BIO* from, X509** into, pem_password_cb* password, void* data) {
  X509* const read = next(&PEM_read_bio_X509, "PEM_read_bio_X509")(from, into, password, data);
  if (read != nullptr) ++certificates_read;
  return read;
}

extern "C" int OSSL_DECODER_from_data(OSSL_DECODER_CTX* decoder, const unsigned char** data, std::size_t* size) {
  if (*size != 0 && **data == '-') ++keys_read;
  return next(&OSSL_DECODER_from_data, "OSSL_DECODER_from_data")(decoder, data, size);
}

namespace sallyport::control {
namespace {

struct Count {
  int certificates = 0;
  int keys = 0;

  bool operator==(const Count&) const = default;
};

void PrintTo(const Count& count, std::ostream* out) {
  *out << count.certificates << " certificates, " << count.keys << " keys";
}

class PairReads : public testing::Test {
 protected:
  Count of(const std::string& yaml) {
    const sources::Changes changes = changed(yaml);
    const Count before{.certificates = certificates_read, .keys = keys_read};
    engine_.apply(changes);
    return {.certificates = certificates_read - before.certificates, .keys = keys_read - before.keys};
  }

  static std::string secured(std::string_view name, std::string_view secret = "tls") {
    return ingress(name, text::cat("tls: [{hosts: [", name, ".example.com], secretName: ", secret, "}], ",
                                   rules({rule(text::cat(name, ".example.com"), "/")})));
  }

  Engine engine_{Settings()};
};

TEST_F(PairReads, AStartReadsEachPairOnce) {
  std::string all = service();
  for (const char* name : {"a", "b", "c"}) {
    all += secured(name, text::cat(name, "-tls")) +
           support::secret_yaml(text::cat(name, "-tls"), support::self_signed({}));
  }
  EXPECT_EQ(of(all), (Count{.certificates = 3, .keys = 3}));
  EXPECT_EQ(engine_.parts().certificates.size(), 3U);
}

TEST_F(PairReads, WhoComesLaterReadsNothing) {
  of(service() + support::secret_yaml("tls", support::self_signed({})));
  EXPECT_EQ(of(secured("a")), Count());
  EXPECT_EQ(of(secured("b")), Count());
  EXPECT_EQ(of("---\napiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop, annotations: "
               "{sallyport.dev/upstream-client-certificate: tls}}\n"
               "spec: {ports: [{port: 443, appProtocol: https}]}\n"),
            Count());
}

TEST_F(PairReads, ARenewalIsReadOnceAndTheChainOfABrokenOneToo) {
  const auto good = support::self_signed({});
  of(service() + secured("a") + secured("b") + support::secret_yaml("tls", good));
  EXPECT_EQ(of(support::secret_yaml("tls", support::self_signed({}))), (Count{.certificates = 1, .keys = 1}));
  const support::Authority authority("authority");
  support::Issued with_authority = authority.issue({});
  with_authority.certificate += authority.pem();
  EXPECT_EQ(of(support::secret_yaml("tls", with_authority)), (Count{.certificates = 2, .keys = 1}));
  with_authority.key = good.key;
  EXPECT_EQ(of(support::secret_yaml("tls", with_authority)), (Count{.certificates = 2, .keys = 1}));
}

// What was made of a version goes with it.
TEST_F(PairReads, NothingIsKeptOfAVersionThatIsGone) {
  sources::Changes changes = changed(service() + secured("a") + support::secret_yaml("tls", support::self_signed({})));
  const std::weak_ptr<const kube::Object> version = changes.changed.back();
  engine_.apply(changes);
  changes = {};
  EXPECT_FALSE(version.expired());
  of(support::secret_yaml("tls", support::self_signed({})));
  EXPECT_TRUE(version.expired());
}

}  // namespace
}  // namespace sallyport::control
