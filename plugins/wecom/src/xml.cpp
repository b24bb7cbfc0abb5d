#include "plugins/wecom/src/xml.hpp"

#include <algorithm>
#include <array>

namespace wecom {
namespace {

constexpr std::size_t kSizeMax = std::size_t{1} << 20U;
constexpr std::size_t kDepthMax = 8;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
  });
}

// Replaces the five entities; false for any other.
bool append_text(std::string_view raw, std::string& out) {
  static constexpr std::array<std::pair<std::string_view, char>, 5> kEntities{
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};
  while (!raw.empty()) {
    if (raw.front() != '&') {
      out += raw.front();
      raw.remove_prefix(1);
      continue;
    }
    const auto found = std::find_if(kEntities.begin(), kEntities.end(),
                                    [&](const auto& entity) { return raw.starts_with(entity.first); });
    if (found == kEntities.end()) return false;
    out += found->second;
    raw.remove_prefix(found->first.size());
  }
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  // Elements below the root with the text that stands in them; false: not well formed.
  bool read(std::vector<std::pair<std::string, std::string>>& elements) {
    bool rooted = false;
    while (!rest_.empty()) {
      if (rest_.front() != '<') {
        const std::string_view raw = take(rest_.find('<'));
        if (open_.empty() ? !std::all_of(raw.begin(), raw.end(), is_blank) : !append_text(raw, text_))
          return false;
      } else if (rest_.starts_with("<![CDATA[")) {
        rest_.remove_prefix(9);
        const std::size_t end = rest_.find("]]>");
        if (end == std::string_view::npos || open_.empty()) return false;
        text_ += take(end);
        rest_.remove_prefix(3);
      } else if (rest_.starts_with("<?") || rest_.starts_with("<!--")) {
        const std::string_view close = rest_.starts_with("<?") ? "?>" : "-->";
        const std::size_t end = rest_.find(close);
        if (end == std::string_view::npos) return false;
        rest_.remove_prefix(end + close.size());
      } else if (rest_.starts_with("<!")) {
        return false;  // DOCTYPE and its like
      } else if (!tag(elements, rooted)) {
        return false;
      }
    }
    return rooted && open_.empty();
  }

 private:
  std::string_view take(std::size_t size) {
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool tag(std::vector<std::pair<std::string, std::string>>& elements, bool& rooted) {
    const std::size_t end = rest_.find('>');
    if (end == std::string_view::npos) return false;
    std::string_view inside = take(end).substr(1);
    rest_.remove_prefix(1);
    if (inside.starts_with('/')) {
      inside.remove_prefix(1);
      while (!inside.empty() && is_blank(inside.back())) inside.remove_suffix(1);
      if (open_.empty() || open_.back() != inside) return false;
      if (open_.size() == 2) elements.emplace_back(open_.back(), text_);
      open_.pop_back();
      if (open_.size() < 2) text_.clear();
      return true;
    }
    const bool closed = inside.ends_with('/');
    if (closed) inside.remove_suffix(1);
    const std::string_view name = inside.substr(0, inside.find_first_of(" \t\r\n"));
    if (!is_name(name) || open_.size() >= kDepthMax || (open_.empty() && rooted)) return false;
    rooted = true;
    if (closed) {
      if (open_.size() == 1) elements.emplace_back(name, "");
    } else {
      open_.emplace_back(name);
      if (open_.size() == 2) text_.clear();
    }
    return true;
  }

  std::string_view rest_;
  std::vector<std::string> open_;
  std::string text_;
};

}  // namespace

std::optional<Xml> Xml::parse(std::string_view text) {
  if (text.size() > kSizeMax) return std::nullopt;
  Xml xml;
  if (!Reader(text).read(xml.elements_)) return std::nullopt;
  return xml;
}

bool Xml::has(std::string_view name) const {
  return std::any_of(elements_.begin(), elements_.end(),
                     [&](const auto& element) { return element.first == name; });
}

std::string Xml::text(std::string_view name) const {
  for (const auto& [element, text] : elements_)
    if (element == name) return text;
  return {};
}

}  // namespace wecom
