#include "tests/support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace persona_runtime::test {

namespace {

using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

struct file_closer {
  void operator()(std::FILE* f) const { std::fclose(f); }
};

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  auto context = X509V3_CTX{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  auto* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

x509_ptr blank(const std::string& name, EVP_PKEY* key, long serial, long valid_for_s) {
  auto certificate = x509_ptr{X509_new(), &X509_free};
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_for_s);
  X509_set_pubkey(certificate.get(), key);
  auto* subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

void write_certificate(const std::filesystem::path& path, X509* certificate) {
  auto file = std::unique_ptr<std::FILE, file_closer>{std::fopen(path.c_str(), "w")};
  PEM_write_X509(file.get(), certificate);
}

void write_key(const std::filesystem::path& path, EVP_PKEY* key) {
  auto file = std::unique_ptr<std::FILE, file_closer>{std::fopen(path.c_str(), "w")};
  PEM_write_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
}

std::filesystem::path own_directory() {
  auto pattern = (std::filesystem::temp_directory_path() / "certificates-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("no temporary directory can be made");
  }
  return pattern;
}

}  // namespace

struct test_authority::keys {
  key_ptr key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  x509_ptr certificate{nullptr, &X509_free};
};

test_authority::test_authority() : keys_{std::make_unique<keys>()}, dir_{own_directory()} {
  keys_->certificate =
    blank("Test authority " + dir_.filename().string(), keys_->key.get(), 1, 3600);
  auto* own = keys_->certificate.get();
  X509_set_issuer_name(own, X509_get_subject_name(own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(own, keys_->key.get(), EVP_sha256());
  write_certificate(ca_file(), own);
}

test_authority::~test_authority() {
  auto ignored = std::error_code{};
  std::filesystem::remove_all(dir_, ignored);
}

std::string test_authority::ca_file() const {
  return dir_ / "ca.pem";
}

loopback_tls test_authority::issue(const certificate_wish& wish) {
  auto key = key_ptr{EVP_EC_gen("P-256"), &EVP_PKEY_free};
  auto* issuer = keys_->certificate.get();
  auto certificate = blank("server", key.get(), 100 + issued_, wish.valid_for_s);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer));
  add_extension(certificate.get(), issuer, NID_subject_alt_name, wish.names);
  X509_sign(certificate.get(), keys_->key.get(), EVP_sha256());
  auto stem = std::to_string(issued_++);
  auto files = loopback_tls{dir_ / (stem + ".pem"), dir_ / (stem + ".key")};
  write_certificate(files.certificate_file, certificate.get());
  write_key(files.key_file, key.get());
  return files;
}

}  // namespace persona_runtime::test
