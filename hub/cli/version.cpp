#include "hub/cli/version.hpp"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <unicode/uversion.h>

#include <boost/version.hpp>

#include "hub/run/timetable.hpp"
#include "hub/store/sqlite/migrations.hpp"
#include "huiliu/plugin.h"
#include "huiliu_build_info.hpp"

namespace huiliu::cli {

std::string version_text() { return "huiliu " HUILIU_VERSION " (" HUILIU_COMMIT ")"; }

model::Value version_view() {
  const std::string compiler =
#ifdef __clang__
      "clang " __clang_version__;
#else
      "gcc " __VERSION__;
#endif
  return model::Object{{"version", HUILIU_VERSION},
                       {"commit", HUILIU_COMMIT},
                       {"committed", HUILIU_COMMIT_TIME},
                       {"compiler", compiler},
                       {"build_type", HUILIU_BUILD_TYPE},
                       {"sanitizers", HUILIU_SANITIZED},
                       {"abi", std::to_string(HUILIU_ABI_MAJOR) + "." + std::to_string(HUILIU_ABI_MINOR)},
                       {"store_version", store::sqlite::migrations().back().version},
                       {"zone_database", run::zone_database_version()},
                       {"libraries", model::Object{{"boost", BOOST_LIB_VERSION},
                                                   {"curl", ::curl_version_info(CURLVERSION_NOW)->version},
                                                   {"icu", U_ICU_VERSION},
                                                   {"openssl", ::OpenSSL_version(OPENSSL_VERSION)},
                                                   {"sqlite", ::sqlite3_libversion()}}}};
}

}  // namespace huiliu::cli
