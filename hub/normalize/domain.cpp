#include "hub/normalize/domain.hpp"

#include <unicode/idna.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <unordered_set>

#include "hub/normalize/check_digits.hpp"
#include "hub/normalize/data/tables.hpp"
#include "hub/normalize/words.hpp"

namespace huiliu::normalize {
namespace {

const icu::IDNA& idna() {
  static const std::unique_ptr<const icu::IDNA> instance = [] {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<const icu::IDNA> made(
        icu::IDNA::createUTS46Instance(UIDNA_NONTRANSITIONAL_TO_ASCII, status));
    return made;
  }();
  return *instance;
}

bool is_domain_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

bool is_address(std::string_view host) {
  int parts = 0;
  bool numbers = true;
  for_each_part(host, '.', [&](std::string_view part) {
    ++parts;
    numbers = numbers && all_digits(part) && part.size() <= 3 && std::stoi(std::string(part)) < 256;
  });
  return parts == 4 && numbers;
}

// By what they begin with, which is left out: "!www.ck", "*.ck", "com.cn".
struct SuffixRules {
  std::unordered_set<std::string_view> exceptions, wildcards, plain;
};
const SuffixRules& suffix_rules() {
  static const SuffixRules rules = [] {
    SuffixRules made;
    for_each_token(data::kPublicSuffixes, [&made](std::string_view rule) {
      if (rule.starts_with('!'))
        made.exceptions.insert(rule.substr(1));
      else if (rule.starts_with('*'))
        made.wildcards.insert(rule.substr(1));
      else
        made.plain.insert(rule);
    });
    return made;
  }();
  return rules;
}

// Is `suffix` (of at least two labels) a public suffix?
bool is_listed_suffix(std::string_view suffix) {
  const SuffixRules& rules = suffix_rules();
  if (rules.exceptions.contains(suffix)) return false;
  if (rules.plain.contains(suffix)) return true;
  const std::size_t dot = suffix.find('.');
  return dot != std::string_view::npos && rules.wildcards.contains(suffix.substr(dot));
}

}  // namespace

std::string plain_ascii_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > 253) return {};
  std::string lower(domain);
  std::size_t label = 0;  // characters of it so far
  int dots = 0;
  bool digits = true;  // in this label, nothing else
  for (std::size_t at = 0; at < lower.size(); ++at) {
    char& c = lower[at];
    if (c == '.') {
      if (label == 0 || lower[at - 1] == '-') return {};
      label = 0;
      digits = true;
      ++dots;
      continue;
    }
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 0x20);
    const bool letter = c >= 'a' && c <= 'z';
    const bool hyphen = c == '-' && label > 0 && lower[at - 1] != '-';  // xn-- is not plain
    if (!letter && !hyphen && !(c >= '0' && c <= '9')) return {};
    digits = digits && !letter && !hyphen;
    if (++label > 63) return {};
  }
  return dots > 0 && label > 0 && !digits && lower.back() != '-' ? lower : std::string();
}

std::string ascii_domain(std::string_view domain) {
  if (std::string plain = plain_ascii_domain(domain); !plain.empty()) return plain;
  while (!domain.empty() && domain.back() == '.') domain.remove_suffix(1);
  if (domain.empty() || domain.size() > 1024) return {};
  std::string ascii;
  icu::StringByteSink<std::string> sink(&ascii);
  icu::IDNAInfo info;
  UErrorCode status = U_ZERO_ERROR;
  idna().nameToASCII_UTF8(icu::StringPiece(domain.data(), static_cast<std::int32_t>(domain.size())), sink,
                          info, status);
  if (U_FAILURE(status) || ascii.size() > 253) return {};
  if (is_address(ascii)) return ascii;
  int labels = 0;
  bool good = true;
  std::string_view last;
  for_each_part(ascii, '.', [&](std::string_view label) {
    ++labels;
    good = good && is_domain_label(label);
    last = label;
  });
  return good && labels >= 2 && !all_digits(last) ? ascii : std::string();
}

std::string registrable_domain(std::string_view domain) {
  if (is_address(domain)) return {};
  // From the longest candidate to the shortest: the first listed suffix is the longest, so the label before
  // it is ours.
  std::size_t previous = std::string_view::npos;
  for (std::size_t at = 0; at != std::string_view::npos;) {
    const std::string_view candidate = domain.substr(at);
    const std::size_t dot = candidate.find('.');
    if (dot == std::string_view::npos || is_listed_suffix(candidate)) {
      return previous == std::string_view::npos ? std::string() : std::string(domain.substr(previous));
    }
    previous = at;
    at += dot + 1;
  }
  return {};
}

bool is_free_mail(std::string_view domain) {
  static const std::unordered_set<std::string_view> free{
      "qq.com",      "vip.qq.com",  "foxmail.com",  "163.com",       "vip.163.com",  "126.com",
      "vip.126.com", "188.com",     "yeah.net",     "sina.com",      "sina.cn",      "vip.sina.com",
      "sina.com.cn", "sohu.com",    "vip.sohu.com", "139.com",       "189.cn",       "189.com",
      "wo.cn",       "wo.com.cn",   "aliyun.com",   "tom.com",       "21cn.com",     "gmail.com",
      "outlook.com", "hotmail.com", "icloud.com",   "live.com",      "live.cn",      "msn.com",
      "me.com",      "yahoo.com",   "yahoo.cn",     "yahoo.com.cn",  "yahoo.com.hk", "yahoo.com.tw",
      "263.net",     "sogou.com",   "mail.com",     "protonmail.com"};
  return free.count(domain) != 0;
}

bool is_shared_host(std::string_view host) {
  static const std::unordered_set<std::string_view> shared{"weixin.qq.com",     "baike.baidu.com",
                                                           "tieba.baidu.com",   "pan.baidu.com",
                                                           "map.baidu.com",     "taobao.com",
                                                           "tmall.com",         "1688.com",
                                                           "alibaba.com",       "jd.com",
                                                           "apps.apple.com",    "itunes.apple.com",
                                                           "play.google.com",   "weibo.com",
                                                           "weibo.cn",          "zhihu.com",
                                                           "douyin.com",        "bilibili.com",
                                                           "youku.com",         "58.com",
                                                           "hc360.com",         "made-in-china.com",
                                                           "b2b168.com",        "china.cn",
                                                           "qcc.com",           "tianyancha.com",
                                                           "aiqicha.baidu.com", "zhipin.com",
                                                           "zhaopin.com",       "51job.com",
                                                           "lagou.com",         "liepin.com",
                                                           "github.com",        "gitee.com",
                                                           "facebook.com",      "linkedin.com",
                                                           "twitter.com",       "instagram.com",
                                                           "youtube.com",       "wikipedia.org",
                                                           "xiaohongshu.com",   "pinduoduo.com",
                                                           "yangkeduo.com",     "youzan.com",
                                                           "weidian.com",       "vip.com",
                                                           "meituan.com",       "dianping.com",
                                                           "huangye88.com",     "11467.com",
                                                           "sogou.com",         "so.com"};
  // The host itself and everything that it lies under.
  for (;;) {
    if (shared.count(host) != 0) return true;
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos) return false;
    host.remove_prefix(dot + 1);
  }
}

}  // namespace huiliu::normalize
