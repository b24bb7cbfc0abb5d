#include "hub/crypt/password.hpp"

#include <argon2.h>

#include <semaphore>
#include <stdexcept>
#include <vector>

#include "hub/crypt/hash.hpp"

namespace huiliu::crypt {
namespace {

constexpr std::uint32_t passes = 2, memory_kib = 19 * 1024, lanes = 1;
constexpr std::size_t salt_size = 16, hash_size = 32;
constexpr std::string_view parameters = "$argon2id$v=19$m=19456,t=2,p=1$";

std::counting_semaphore<2>& places() {
  static std::counting_semaphore<2> semaphore(2);
  return semaphore;
}

struct Place {
  Place() { places().acquire(); }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { places().release(); }
};

const std::string& nobodys_hash() {
  static const std::string hash = hash_password(random_bytes(24));
  return hash;
}

}  // namespace

std::string hash_password(std::string_view password) {
  const Place place;
  const std::string salt = random_bytes(salt_size);
  std::vector<char> out(argon2_encodedlen(passes, memory_kib, lanes, salt_size, hash_size, Argon2_id));
  if (argon2id_hash_encoded(passes, memory_kib, lanes, password.data(), password.size(), salt.data(),
                            salt.size(), hash_size, out.data(), out.size()) != ARGON2_OK)
    throw std::runtime_error("argon2id failed");
  return out.data();
}

Verified verify_password(std::string_view password, const std::string& hash) {
  const std::string& against = hash.empty() ? nobodys_hash() : hash;
  const Place place;
  const bool same = argon2id_verify(against.c_str(), password.data(), password.size()) == ARGON2_OK;
  return {same && !hash.empty(), !std::string_view(against).starts_with(parameters)};
}

std::string make_token(std::string_view prefix) {
  return std::string(prefix) + to_base64url(random_bytes(24));
}

}  // namespace huiliu::crypt
