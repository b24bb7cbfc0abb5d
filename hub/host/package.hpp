// A plugin as one file: library, mapping, documents, and a signed list of them.
//
// The file is a tar archive (ustar), so anybody can look into it: first package.json, then package.sig when
// it is signed, then the files in the order of package.json's "files", each with size and SHA-256. The
// signature is over the bytes of package.json. Reading accepts exactly what writing makes: a changed byte
// anywhere is refused.
//
// Installed, the library and the mapping stand in the plugin directory, the documents in docs/ID there, and
// ID.package.json and ID.package.sig beside them, so that what is installed can be verified again at any
// time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/host/signature.hpp"
#include "hub/model/value.hpp"

namespace huiliu::host {

struct PackedFile {
  std::string path;  // "libhuiliu-acme.so", "acme.mapping.yaml", "docs/README.md"
  std::string bytes;
};

struct Package {
  std::string id, version;
  model::Value manifest;
  std::string manifest_bytes;  // of package.json: what is signed
  std::string signature;       // of package.sig; empty: unsigned
  std::vector<PackedFile> files;
};

// Makes the package of a library and what belongs to it. private_pem empty: unsigned. Returns the file's
// bytes. Errors: config, no plugin, a path that cannot be packed.
model::Result<std::string> pack_plugin(const std::string& library, const std::vector<PackedFile>& others,
                                       const std::string& private_pem);

// Errors: config, what is wrong with its form or a file's hash. Says nothing about its signature.
model::Result<Package> read_package(std::string_view bytes);

struct Verified {
  std::string id, version;
  std::string key;  // the trusted key's name
};
// Form, hashes and signature.
model::Result<Verified> verify_package(std::string_view bytes, const TrustStore& trust);
// What is installed in the directory under this id.
model::Result<Verified> verify_installed(const std::string& directory, const std::string& id,
                                         const TrustStore& trust);
// The same for a library in a plugin directory: signed by whom? Errors also when it belongs to no package.
model::Result<Verified> verify_library(const std::string& library, const TrustStore& trust);

// Each file appears whole or not at all; a library that is in use stays what it was for who uses it.
model::Status install_package(const Package& package, const std::string& directory);
// Errors: not_found, no such package there.
model::Status remove_package(const std::string& directory, const std::string& id);

}  // namespace huiliu::host
