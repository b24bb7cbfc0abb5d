// Lists and tags: sets of texts.
#include <algorithm>

#include "hub/mapping/codecs/codec_kit.hpp"

namespace huiliu::mapping {
namespace {

class ListCodec final : public FieldCodec {
 public:
  struct Settings {
    std::string separator;      // "" a JSON array
    std::string element;        // the member of an object that each element is; "" plain elements
    std::unique_ptr<Codec> of;  // how each element is read and written; null: as text
  };
  ListCodec(const model::Field& field, Settings settings)
      : FieldCodec(field), settings_(std::move(settings)) {}

  In decode(const Value& shown, References& references) const override {
    model::Array elements;
    std::optional<Problem> problem;
    const auto add = [&](const Value& one) {
      Value element;
      if (settings_.of) {
        In in = settings_.of->decode(one, references);
        if (in.problem) problem = std::move(in.problem);
        if (!in.value.has_value()) return;
        element = std::move(in.value.value);
      } else {
        const ShownText text(one);
        if (text.trimmed_text().empty()) return;
        element = text.trimmed_text();
      }
      if (std::find(elements.begin(), elements.end(), element) == elements.end())
        elements.push_back(std::move(element));
    };
    if (const model::Array* list = shown.if_array()) {
      for (const Value& one : *list) {
        const Value* element = settings_.element.empty() ? &one : one.at_path(settings_.element);
        if (element != nullptr) add(*element);
      }
    } else if (const std::string* text = shown.if_string()) {
      // Text is split at the separator; a system that uses arrays may show one element as text.
      std::string_view rest = *text;
      const std::string_view separator =
          settings_.separator.empty() ? std::string_view(",") : settings_.separator;
      while (!rest.empty()) {
        const std::size_t at = rest.find(separator);
        add(Value(rest.substr(0, at)));
        rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + separator.size());
      }
    } else if (!shown.is_null()) {
      add(shown);
    }
    In in = elements.empty() ? empty() : keyed(Value(std::move(elements)));
    if (problem) return {{}, std::move(problem)};
    return in;
  }

  Out encode(const FieldValue& value, References& references) const override {
    model::Array written_ones;
    const model::Array* elements = value.value.if_array();
    for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i) {
      Value one = settings_.of ? (*elements)[i] : Value(trimmed((*elements)[i].to_text()));
      if (settings_.of) {
        Out out = settings_.of->encode(FieldValue{Presence::value, std::move(one), {}}, references);
        if (out.kind != Encoded::Kind::written) return out;
        one = std::move(out.value);
      }
      const bool is_new = std::find(written_ones.begin(), written_ones.end(), one) == written_ones.end();
      if (is_new && one != Value("")) written_ones.push_back(std::move(one));
    }
    if (!settings_.separator.empty()) return joined(written_ones);
    if (settings_.element.empty()) return written(Value(std::move(written_ones)));
    for (Value& one : written_ones) {
      Value object;
      put_path(object, settings_.element, std::move(one));
      one = std::move(object);
    }
    return written(Value(std::move(written_ones)));
  }

 private:
  Out joined(const model::Array& elements) const {
    std::string text;
    for (const Value& element : elements) {
      const std::string one = element.to_text();
      if (one.find(settings_.separator) != std::string::npos)
        return impossible("an element contains the separator \"" + settings_.separator + "\"");
      text += (text.empty() ? "" : settings_.separator) + one;
    }
    return written(Value(std::move(text)));
  }

  Settings settings_;
};

CodecResult make_list(const CodecInfo&, const model::Field& field, const Value& parameters) {
  ListCodec::Settings settings;
  settings.separator = parameters.is_string() ? parameters.as_string() : parameters["separator"].to_text();
  settings.element = parameters["element"].to_text();
  if (!settings.separator.empty() && !settings.element.empty())
    return make_error(ErrorClass::config, "either a separator in text or an element of objects");
  if (const Value* of = parameters.find("of")) {
    model::Field one = field;
    one.multiplicity = model::Multiplicity::one;
    if (one.type == "tags") one.type = "text";
    HUILIU_ASSIGN(settings.of, make_codec(*of, one));
    if (settings.of->takes_record())
      return make_error(ErrorClass::config, "the elements of a list are single values", "/list/of");
  }
  return CodecResult(std::make_unique<ListCodec>(field, std::move(settings)));
}

constexpr CodecParameter list_parameters[] = {
    {"separator", R"({"type": "string", "minLength": 1})", "文本形式的分隔符",
     "the elements are one text with this between them"},
    {"element", R"({"type": "string"})", "元素是对象时，取其哪一成员",
     "the elements are objects: the member that counts"},
    {"of", R"({"$ref": "#/$defs/codec"})", "每个元素的编解码", "the codec of each element"}};

constexpr CodecInfo list_entries[] = {
    {"list", list_parameters, R"({"type": "string"})", "{list: {element: tagName}}",
     "一组文本：数组、带分隔符的文本或对象数组",
     "a set of texts: an array, a text with separators, or an array of objects", "顺序、重复；对象的其他成员",
     "order, repeats; other members of the objects", make_list},
    {"tags", list_parameters, R"({"type": "string"})", "tags", "同上", "the same", "同上", "the same",
     make_list},
};

}  // namespace

std::span<const CodecInfo> list_codecs() { return list_entries; }

}  // namespace huiliu::mapping
