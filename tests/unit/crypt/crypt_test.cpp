// Known answers of the standards, and what sealing must refuse.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/national.hpp"
#include "hub/crypt/password.hpp"
#include "hub/crypt/seal.hpp"
#include "hub/crypt/sealed_file.hpp"
#include "hub/crypt/totp.hpp"

namespace huiliu::crypt {
namespace {

TEST(Hash, KnownAnswers) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_base32("foobar"), "MZXW6YTBOI");
  EXPECT_EQ(from_base32("MZXW6YTBOI"), "foobar");
  EXPECT_EQ(from_base64url(to_base64url("\x01\xff\x7e")), "\x01\xff\x7e");
  EXPECT_EQ(from_hex("00ff"), std::string("\0\xff", 2));
  EXPECT_FALSE(from_hex("0g"));
  EXPECT_FALSE(from_hex("0"));
}

TEST(Hash, EqualLooksAtEveryByte) {
  EXPECT_TRUE(equal("same", "same"));
  EXPECT_FALSE(equal("same", "Same"));
  EXPECT_FALSE(equal("same", "same "));
}

// How many nanoseconds longer, or shorter, comparing takes with a text that differs in the first byte than
// with one that differs in the last: the same place in memory, changed before each call, in random order, so
// that whatever disturbs the machine disturbs both kinds alike; the slowest tenth is left out.
double difference_of(const std::function<bool(const std::string& other)>& same, const std::string& secret) {
  constexpr int calls = 100'000;
  std::uint64_t state = 88172645463325252ULL;
  std::string other = secret;
  std::vector<double> took[2];
  int equal_ones = 0;
  for (int i = 0; i < calls; ++i) {
    state ^= state << 13U, state ^= state >> 7U, state ^= state << 17U;
    const std::size_t kind = (state >> 20U) & 1U, at = kind == 0 ? secret.size() - 1 : 0;
    other[at] = 'x';
    std::atomic_thread_fence(std::memory_order_seq_cst);  // the change itself is not measured
    const auto begin = std::chrono::steady_clock::now();
    equal_ones += same(other) ? 1 : 0;
    took[kind].push_back(
        std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
    other[at] = secret[at];
  }
  EXPECT_EQ(equal_ones, 0);
  double mean[2];
  for (const int kind : {0, 1}) {
    std::sort(took[kind].begin(), took[kind].end());
    took[kind].resize(took[kind].size() * 9 / 10);
    mean[kind] =
        std::accumulate(took[kind].begin(), took[kind].end(), 0.0) / static_cast<double>(took[kind].size());
  }
  return std::abs(mean[0] - mean[1]);
}

// Where two texts differ is not seen in the time that it takes to find that they do; and the same measurement
// sees it of a comparison that stops there.
TEST(Hash, EqualTakesAsLongWhereverTextsDiffer) {
  const std::string secret(1024, 's');
  const auto careless = [&](const std::string& other) {
    std::size_t i = 0;
    while (i < secret.size() && secret[i] == other[i]) ++i;
    return i == secret.size();
  };
  const double seen = difference_of(careless, secret);
  double best = seen;  // of three: one disturbance of the machine is no finding
  for (int i = 0; i < 3; ++i)
    best =
        std::min(best, difference_of([&](const std::string& other) { return equal(secret, other); }, secret));
  EXPECT_LT(best, seen / 20) << "in nanoseconds; a comparison that stops early shows " << seen;
}

TEST(Totp, KnownAnswersOfRfc6238) {
  const std::string secret = "12345678901234567890";
  EXPECT_EQ(totp_code(secret, totp_step(59 * model::second)), "287082");
  EXPECT_EQ(totp_code(secret, totp_step(1111111109LL * model::second)), "081804");
  EXPECT_EQ(totp_code(secret, totp_step(20000000000LL * model::second)), "353130");
}

TEST(Totp, ACodeCountsOnce) {
  const std::string secret = "12345678901234567890";
  const model::Micros now = 1111111109LL * model::second;
  const auto step = totp_match(secret, "081804", now, 0);
  ASSERT_TRUE(step);
  EXPECT_FALSE(totp_match(secret, "081804", now, *step));
  EXPECT_FALSE(totp_match(secret, "081804", now + 120 * model::second, 0)) << "too late";
  EXPECT_FALSE(totp_match(secret, "000000", now, 0));
}

TEST(Password, MatchesItselfOnlyAndSaysWhatItIs) {
  const std::string hash = hash_password("a long enough password");
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(verify_password("a long enough password", hash).matches);
  EXPECT_FALSE(verify_password("a long enough passworD", hash).matches);
  EXPECT_FALSE(verify_password("", "").matches);
  // Of the reference implementation's test vectors: other parameters, so to be hashed again.
  const Verified old = verify_password(
      "password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4");
  EXPECT_TRUE(old.matches);
  EXPECT_TRUE(old.outdated);
}

const KeyRing first = *KeyRing::of(std::string(32, 'a'));
const KeyRing second = *KeyRing::of(std::string(32, 'b'), {std::string(32, 'a')});

TEST(Seal, OpensInItsOwnContextOnly) {
  const std::string sealed = *seal(first, "secret/erp", "s3cret");
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
  EXPECT_EQ(*unseal(first, "secret/erp", sealed), "s3cret");
  EXPECT_FALSE(unseal(first, "secret/crm", sealed).ok()) << "two sealed values changed places";
  EXPECT_NE(*seal(first, "secret/erp", "s3cret"), sealed) << "every value has a key of its own";
}

TEST(Seal, EveryChangedCharacterIsSeen) {
  const std::string sealed = *seal(first, "c", "value");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    // The last digit of a part may carry bits that mean nothing.
    const bool last = i + 1 == sealed.size() || sealed[i + 1] == '.';
    if (sealed[i] == '.' || last) continue;
    std::string changed = sealed;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    EXPECT_FALSE(unseal(first, "c", changed).ok()) << i << ' ' << changed;
  }
}

TEST(Seal, RotationKeepsTheSecretAndDropsTheOldKey) {
  const std::string sealed = *seal(first, "c", "value");
  EXPECT_EQ(*unseal(second, "c", sealed), "value") << "readable while the rotation is under way";
  const std::string fresh = *reseal(second, "c", sealed);
  EXPECT_EQ(key_of(fresh), second.current());
  const KeyRing without_old = *KeyRing::of(std::string(32, 'b'));
  EXPECT_EQ(*unseal(without_old, "c", fresh), "value") << "the old key is provably unused";
  EXPECT_EQ(unseal(without_old, "c", sealed).error().error_class, model::ErrorClass::config);
}

TEST(National, KnownAnswersOfTheStandards) {
  EXPECT_EQ(to_hex(sm3("abc")), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
  std::string sixteen_times;
  for (int i = 0; i < 16; ++i) sixteen_times += "abcd";
  EXPECT_EQ(to_hex(sm3(sixteen_times)), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
  const std::string key = *from_hex("0123456789abcdeffedcba9876543210");
  EXPECT_EQ(to_hex(sm4_block(key, key)), "681edf34d206965e86b3e94f536e4246");
}

TEST(National, SealsAndOpensInItsOwnContextOnlyAndSeesEveryChange) {
  KeyRing ring = first;
  ring.seal_with(Algorithms::sm4_sm3);
  const std::string sealed = *seal(ring, "secret/erp", "s3cret");
  EXPECT_TRUE(sealed.starts_with("2."));
  EXPECT_EQ(*unseal(ring, "secret/erp", sealed), "s3cret");
  EXPECT_FALSE(unseal(ring, "secret/crm", sealed).ok());
  const std::string key(32, 'k'), bytes = encrypt_national(key, "c", "value");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] ^= 1;
    EXPECT_FALSE(decrypt_national(key, "c", changed)) << i;
  }
  EXPECT_FALSE(decrypt_national(key, "c1", bytes));
  EXPECT_FALSE(decrypt_national(key, "c", bytes.substr(1)));
  EXPECT_FALSE(decrypt_national(std::string(32, 'x'), "c", bytes));
  EXPECT_EQ(decrypt_national(key, "c", encrypt_national(key, "c", "")), "");
}

// A hub that changes its algorithms opens what it has, seals anew with the others, and a rotation moves all.
TEST(National, BothKindsLiveSideBySideAndARotationMovesThem) {
  const std::string before = *seal(first, "c", "value");
  KeyRing ring = first;
  ring.seal_with(Algorithms::sm4_sm3);
  EXPECT_EQ(*unseal(ring, "c", before), "value");
  const std::string after = *reseal(ring, "c", before);
  EXPECT_TRUE(after.starts_with("2."));
  EXPECT_EQ(*unseal(first, "c", after), "value");
  EXPECT_TRUE(reseal(first, "c", after)->starts_with("1."));
  std::string renamed = before;
  renamed[0] = '2';
  EXPECT_FALSE(unseal(ring, "c", renamed).ok()) << "the algorithm is bound too";
}

TEST(Seal, WithoutAKeyNothingIsSealed) { EXPECT_FALSE(seal(KeyRing(), "c", "v").ok()); }

TEST(SealedFile, ComesBackWholeAndNoChangeGoesUnseen) {
  namespace fs = std::filesystem;
  std::string name = (fs::temp_directory_path() / "huiliu-sealed-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  const std::string plain = name + "/plain", sealed = name + "/sealed", again = name + "/again", key(32, 'k');
  const auto write = [](const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  };
  const auto read = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  const auto opens = [&](const std::string& with) {
    fs::remove(again);
    return unseal_file(with, sealed, again).ok();
  };
  for (const std::size_t size : {0UL, 1UL, 1UL << 20U, (1UL << 20U) + 1, (3UL << 20U) + 17}) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
    write(plain, bytes);
    fs::remove(sealed);
    ASSERT_TRUE(seal_file(key, "k1", plain, sealed).ok());
    ASSERT_TRUE(opens(key));
    EXPECT_EQ(read(again), bytes);
  }
  EXPECT_EQ(sealed_file_key(sealed), "k1");
  EXPECT_EQ(sealed_file_key(plain), std::nullopt);
  EXPECT_FALSE(opens(std::string(32, 'x'))) << "another key";
  const std::string whole = read(sealed);
  const std::size_t head = std::string("HLSEAL1 k1\n").size(), piece = (1UL << 20U) + 28 + 4;
  write(sealed, whole.substr(0, head + 2 * piece));
  EXPECT_FALSE(opens(key)) << "cut off between two pieces";
  write(sealed, whole.substr(0, head) + whole.substr(head + piece, piece) + whole.substr(head, piece) +
                    whole.substr(head + 2 * piece));
  EXPECT_FALSE(opens(key)) << "two pieces changed places";
  std::string flipped = whole;
  flipped[head + 100] ^= 1;
  write(sealed, flipped);
  EXPECT_FALSE(opens(key));
  fs::remove_all(name);
}

}  // namespace
}  // namespace huiliu::crypt
