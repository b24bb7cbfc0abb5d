// Logging in by a provider: a twin of one on this machine, honest or lying in one point at a time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <fstream>
#include <mutex>

#include "hub/crypt/hash.hpp"
#include "hub/crypt/jwt.hpp"
#include "tests/unit/api/desk.hpp"

namespace huiliu::api {
namespace {

using model::Array;
using model::Object;
using model::Value;

// A key pair of the twin: RSA, or EC on P-256.
class SigningKey {
 public:
  explicit SigningKey(std::string id, bool elliptic = false)
      : id_(std::move(id)),
        elliptic_(elliptic),
        key_(elliptic ? EVP_EC_gen("P-256") : EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})) {
  }
  ~SigningKey() { EVP_PKEY_free(key_); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  const char* algorithm() const { return elliptic_ ? "ES256" : "RS256"; }
  Value jwk() const {
    if (elliptic_)
      return Object{{"kty", "EC"},
                    {"crv", "P-256"},
                    {"use", "sig"},
                    {"kid", id_},
                    {"x", part(OSSL_PKEY_PARAM_EC_PUB_X, 32)},
                    {"y", part(OSSL_PKEY_PARAM_EC_PUB_Y, 32)}};
    return Object{{"kty", "RSA"},
                  {"use", "sig"},
                  {"kid", id_},
                  {"n", part(OSSL_PKEY_PARAM_RSA_N)},
                  {"e", part(OSSL_PKEY_PARAM_RSA_E)}};
  }
  std::string token(const Value& claims, std::string as = {}) const {
    if (as.empty()) as = algorithm();
    const std::string text = crypt::to_base64url(model::to_json(Object{{"alg", as}, {"kid", id_}})) + "." +
                             crypt::to_base64url(model::to_json(claims));
    std::string signature(512, '\0');
    std::size_t size = signature.size();
    EVP_MD_CTX* digest = EVP_MD_CTX_new();
    EXPECT_EQ(EVP_DigestSignInit(digest, nullptr, EVP_sha256(), nullptr, key_), 1);
    EXPECT_EQ(EVP_DigestSign(digest, reinterpret_cast<unsigned char*>(signature.data()), &size,
                             reinterpret_cast<const unsigned char*>(text.data()), text.size()),
              1);
    EVP_MD_CTX_free(digest);
    signature.resize(size);
    return text + "." + crypt::to_base64url(elliptic_ ? side_by_side(signature) : signature);
  }

 private:
  // `size` 0: as many bytes as it takes.
  static std::string bytes_of(const BIGNUM* number, int size = 0) {
    std::string bytes(static_cast<std::size_t>(size == 0 ? BN_num_bytes(number) : size), '\0');
    BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
    return bytes;
  }
  // r and s as JWS has them, from the DER that OpenSSL makes.
  static std::string side_by_side(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
    const std::string raw =
        bytes_of(ECDSA_SIG_get0_r(signature), 32) + bytes_of(ECDSA_SIG_get0_s(signature), 32);
    ECDSA_SIG_free(signature);
    return raw;
  }
  std::string part(const char* name, int size = 0) const {
    BIGNUM* number = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key_, name, &number), 1);
    const std::string bytes = bytes_of(number, size);
    BN_free(number);
    return crypt::to_base64url(bytes);
  }
  std::string id_;
  bool elliptic_;
  EVP_PKEY* key_;
};

std::map<std::string, std::string> query_of(const std::string& url) {
  const auto query = parse_query(std::string_view(url).substr(url.find('?') + 1));
  EXPECT_TRUE(query.ok());
  return query.ok() ? *query : std::map<std::string, std::string>{};
}

class Provider {
 public:
  Provider() {
    auto started = HttpServer::start({}, [this](const HttpRequest& request) { return answer(request); });
    EXPECT_TRUE(started.ok());
    server_ = std::move(*started);
  }
  std::string issuer() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  // The person logs in there: the code that the browser brings back.
  std::string agree(const std::string& url) {
    const std::lock_guard lock(mutex_);
    asked_ = query_of(url);
    EXPECT_EQ(asked_["response_type"], "code");
    EXPECT_EQ(asked_["code_challenge_method"], "S256");
    return "code-1";
  }
  SigningKey honest{"k1"}, second{"k2"}, forged{"k1"}, elliptic{"k3", true};
  const SigningKey* signs_with = &honest;
  std::vector<const SigningKey*> published = {&honest};
  std::function<void(Object&)> lie = [](Object&) {};
  std::string algorithm = "RS256";
  bool called_itself_otherwise = false;

 private:
  HttpResponse json(const Value& value, int status = 200) {
    return {status, {{"Content-Type", "application/json"}}, model::to_json(value), {}};
  }
  HttpResponse answer(const HttpRequest& request) {
    const std::lock_guard lock(mutex_);
    if (request.path() == "/.well-known/openid-configuration")
      return json(Object{{"issuer", called_itself_otherwise ? "https://evil.example" : issuer()},
                         {"authorization_endpoint", issuer() + "/authorize"},
                         {"token_endpoint", issuer() + "/token"},
                         {"jwks_uri", issuer() + "/keys"}});
    if (request.path() == "/keys") {
      Array keys;
      for (const SigningKey* key : published) keys.push_back(key->jwk());
      return json(Object{{"keys", std::move(keys)}});
    }
    const auto form = parse_query(request.body);
    const bool proof = form.ok() && crypt::to_base64url(crypt::sha256(form->at("code_verifier"))) ==
                                        asked_["code_challenge"];
    if (!proof || form->at("code") != "code-1" || form->at("client_secret") != "client-secret")
      return json(Object{{"error", "invalid_grant"}}, 400);
    const std::int64_t now = run::SystemClock().now() / model::second;
    Object claims{{"iss", issuer()},
                  {"aud", "huiliu"},
                  {"exp", now + 300},
                  {"iat", now},
                  {"nonce", asked_["nonce"]},
                  {"sub", "42"},
                  {"preferred_username", "chen"}};
    lie(claims);
    return json(Object{{"id_token", signs_with->token(claims, algorithm)}, {"token_type", "Bearer"}});
  }
  std::mutex mutex_;
  std::map<std::string, std::string> asked_;
  std::unique_ptr<HttpServer> server_;
};

class LogInByProvider : public testing::Test {
 protected:
  LogInByProvider() { start(""); }
  // `more`: further members of login.oidc.
  void start(const std::string& more) {
    api_.reset();
    hub_.reset();
    std::ofstream(desk_.directory() / "client") << "client-secret";
    std::ofstream(desk_.directory() / "config/hub.yaml")
        << "listen: {port: 0}\nlogin:\n  oidc: {issuer: \"" << provider.issuer()
        << "\", client_id: huiliu, client_secret: \"${file:" << (desk_.directory() / "client").string()
        << "}\", redirect_url: \"https://hub.example/login\"" << more << "}\n";
    if (options_.store.empty()) {
      options_ = desk_.hub().options();
      desk_.close();
    }
    auto opened = run::Hub::open(options_);
    EXPECT_TRUE(opened.ok()) << opened.error().text();
    hub_ = std::move(*opened);
    api_ = std::make_unique<Api>(*hub_, ApiOptions{0, 0, false, true});
    if (!hub_->accounts().find("chen").ok()) {
      EXPECT_TRUE(hub_->accounts().add({"chen", "chen", "", {"steward"}}, "test", hub_->clock().now()).ok());
    }
  }
  HttpResponse post(const std::string& path, const Value& body, const std::string& cookie) {
    HttpRequest request{"POST", "/api/v1" + path, {{"Host", "hub.example"}}, {}, {}, false};
    if (!body.is_null())
      request.body = model::to_json(body), request.headers.emplace_back("Content-Type", "application/json");
    if (!cookie.empty()) request.headers.emplace_back("Cookie", "x=1; __Host-huiliu-login=" + cookie);
    return api_->handle(request);
  }
  struct Begun {
    std::string url, state, cookie;
  };
  Begun begin() {
    const HttpResponse begun = post("/session/oidc/start", {}, {});
    EXPECT_EQ(begun.status, 200) << begun.body;
    const std::string url = json_of(begun)["url"].to_text(), cookie = Desk::header(begun, "Set-Cookie");
    const std::size_t equals = cookie.find('=');
    return {url, query_of(url)["state"], cookie.substr(equals + 1, cookie.find(';') - equals - 1)};
  }
  int finish(const Begun& begun, const std::string& code = "code-1") {
    last_ = post("/session/oidc", Object{{"code", code}, {"state", begun.state}}, begun.cookie);
    return last_.status;
  }
  int log_in() {
    const Begun begun = begin();
    return finish(begun, provider.agree(begun.url));
  }
  Provider provider;
  Desk desk_;
  run::HubOptions options_;
  std::unique_ptr<run::Hub> hub_;
  std::unique_ptr<Api> api_;
  HttpResponse last_;
};

TEST_F(LogInByProvider, OpensTheSessionOfTheAccountThatExists) {
  ASSERT_EQ(log_in(), 200) << last_.body;
  EXPECT_EQ(json_of(last_)["user"].to_text(), "chen");
  EXPECT_EQ(json_of(last_)["roles"].as_array()[0].to_text(), "steward") << "what he may do stands here";
  EXPECT_THAT(Desk::header(last_, "Set-Cookie"), testing::StartsWith("__Host-huiliu="));
  provider.lie = [](Object& claims) { claims.set("preferred_username", "stranger"); };
  EXPECT_EQ(log_in(), 401) << "nobody is let in without an account";
  access::AccountChange off;
  off.disabled = true;
  ASSERT_TRUE(hub_->accounts().change("chen", off, "test", hub_->clock().now()).ok());
  provider.lie = [](Object&) {};
  EXPECT_EQ(log_in(), 401) << "nor a disabled one";
}

TEST_F(LogInByProvider, OnlyTheBrowserThatBeganAndOnlyOnce) {
  const Begun begun = begin();
  const std::string code = provider.agree(begun.url);
  EXPECT_EQ(finish({begun.url, begun.state, "other"}, code), 401);
  EXPECT_EQ(finish({begun.url, begun.state, ""}, code), 401);
  EXPECT_EQ(finish({begun.url, "other", begun.cookie}, code), 401);
  EXPECT_EQ(finish(begun, code), 200);
  EXPECT_EQ(finish(begun, code), 401) << "once";
  EXPECT_EQ(finish(begin(), "stolen"), 401);
}

TEST_F(LogInByProvider, ALieInAnyPointIsRefused) {
  const std::vector<std::pair<const char*, std::function<void(Object&)>>> lies = {
      {"issuer", [](Object& c) { c.set("iss", "https://evil.example"); }},
      {"audience", [](Object& c) { c.set("aud", "another"); }},
      {"audiences without azp",
       [](Object& c) {
         c.set("aud", Array{"huiliu", "another"});
       }},
      {"expired", [](Object& c) { c.set("exp", 1'000'000'000); }},
      {"no end", [](Object& c) { c.erase("exp"); }},
      {"from the future", [](Object& c) { c.set("iat", std::int64_t{9000000000}); }},
      {"nonce", [](Object& c) { c.set("nonce", "replayed"); }},
      {"no nonce", [](Object& c) { c.erase("nonce"); }},
      {"nobody", [](Object& c) { c.erase("preferred_username"); }}};
  for (const auto& [what, lie] : lies) {
    provider.lie = lie;
    EXPECT_EQ(log_in(), 401) << what;
  }
  provider.lie = [](Object&) {};
  provider.signs_with = &provider.forged;
  EXPECT_EQ(log_in(), 401) << "another key under the same id";
  provider.signs_with = &provider.honest;
  for (const char* algorithm : {"none", "HS256", "RS512"}) {
    provider.algorithm = algorithm;
    EXPECT_EQ(log_in(), 401) << algorithm;
  }
  provider.algorithm = "RS256";
  EXPECT_EQ(log_in(), 200) << "the honest one still comes in";
  provider.lie = [](Object& c) { c.set("aud", Array{"huiliu", "another"}), c.set("azp", "huiliu"); };
  EXPECT_EQ(log_in(), 200);
}

TEST_F(LogInByProvider, SignsOnEllipticCurvesToo) {
  provider.published = {&provider.honest, &provider.elliptic};
  provider.signs_with = &provider.elliptic;
  provider.algorithm = "ES256";
  EXPECT_EQ(log_in(), 200) << last_.body;
  provider.algorithm = "RS256";
  EXPECT_EQ(log_in(), 401) << "a key serves the algorithm of its type";
  provider.signs_with = &provider.honest;
  provider.algorithm = "ES256";
  EXPECT_EQ(log_in(), 401);
}

// What the provider says of how somebody logged in counts as far as the configuration says so.
TEST_F(LogInByProvider, WhichOfItsWordsAreASecondFactorIsASetting) {
  const auto second = [&](const Array& methods) {
    provider.lie = [methods](Object& claims) { claims.set("amr", methods); };
    EXPECT_EQ(log_in(), 200) << last_.body;
    return json_of(last_)["second_factor"].as_bool();
  };
  EXPECT_FALSE(second({"pwd"}));
  EXPECT_TRUE(second({"pwd", "otp"}));
  EXPECT_FALSE(second({"face"}));
  start(", second_factor: [face]");
  EXPECT_TRUE(second({"face"}));
  EXPECT_FALSE(second({"pwd", "otp"}));
  start(", second_factor: []");
  EXPECT_FALSE(second({"mfa", "face", "otp"})) << "none of its words counts";
}

TEST_F(LogInByProvider, AProviderThatCallsItselfOtherwiseIsNotAsked) {
  provider.called_itself_otherwise = true;
  EXPECT_EQ(post("/session/oidc/start", {}, {}).status, 422);
}

TEST(LogInByNobody, IsOffUnlessConfigured) {
  Desk desk;
  EXPECT_EQ(desk.call("POST", "/api/v1/session/oidc/start", "").status, 404);
  EXPECT_EQ(desk.call("POST", "/api/v1/session/oidc", "", R"({"code":"a","state":"b"})").status, 404);
}

class Jwt : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(RsaAndElliptic, Jwt, testing::Bool());

TEST_P(Jwt, ChangedCharactersAndOtherKeysAreSeen) {
  const SigningKey key("k", GetParam()), other("o", GetParam());
  const Value keys = Object{{"keys", Array{key.jwk()}}};
  const std::string token = key.token(Object{{"sub", "1"}});
  ASSERT_TRUE(crypt::verified_claims(token, keys).ok());
  for (std::size_t i = 0; i + 1 < token.size(); i += 7) {  // the last one holds bits that say nothing
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(changed != token && crypt::verified_claims(changed, keys).ok()) << i;
  }
  EXPECT_EQ(crypt::verified_claims(other.token(Object{{"sub", "1"}}), keys).error().error_class,
            model::ErrorClass::not_found);
  for (const char* nonsense : {"", ".", "..", "a.b.c", "a.b.c.d"})
    EXPECT_FALSE(crypt::verified_claims(nonsense, keys).ok()) << nonsense;
}

}  // namespace
}  // namespace huiliu::api
