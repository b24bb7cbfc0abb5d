// References between the records of one system.
#include "hub/mapping/codecs/codec_kit.hpp"

namespace huiliu::mapping {
namespace {

// Held there as the target's key, or as a list whose first element counts. `write` names a path in the
// target's record whose value is written instead of the key: its number.
class ReferenceCodec final : public FieldCodec {
 public:
  ReferenceCodec(const model::Field& field, std::string stream, std::string write, bool as_list,
                 std::string empty_text)
      : FieldCodec(field),
        stream_(std::move(stream)),
        write_(std::move(write)),
        as_list_(as_list),
        empty_(std::move(empty_text)) {}
  In decode(const Value& shown, References& references) const override {
    const Value* one = &shown;
    if (const model::Array* list = shown.if_array()) {
      if (list->empty()) return empty();
      one = &list->front();
    }
    const ShownText text(*one);
    if (!text.is_text()) return not_text();
    const std::string key(text.trimmed_text());
    if (key.empty() || key == empty_) return empty();
    std::string golden = references.golden_of(stream_, key);
    if (golden.empty()) return {{}, {}, model::PendingReference{model::no_field, stream_, key}};
    FieldValue value{Presence::value, Value(golden), golden};
    return {std::move(value)};
  }
  Out encode(const FieldValue& value, References& references) const override {
    if (!value.has_value()) return written(as_list_ ? Value(model::Array{}) : Value(empty_));
    const auto target = references.record_of(value.value.to_text(), stream_);
    if (!target) return waiting("the " + stream_ + " record it refers to is not in this system");
    Value content(target->key);
    if (!write_.empty()) {
      const Value* there = target->record.at_path(write_);
      if (there == nullptr || there->to_text().empty())
        return waiting("the " + stream_ + " record it refers to has no " + write_ + " yet");
      content = *there;
    }
    if (as_list_) content = model::Array{std::move(content)};
    return written(std::move(content));
  }

 private:
  static Out waiting(std::string reason) { return {Encoded::Kind::waiting, {}, std::move(reason)}; }

  std::string stream_, write_;
  bool as_list_;
  std::string empty_;
};

CodecResult make_reference(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const std::string stream = parameters.is_string() ? parameters.as_string() : parameters["stream"].to_text();
  if (stream.empty()) return make_error(ErrorClass::config, "reference needs the stream it points into");
  return CodecResult(std::make_unique<ReferenceCodec>(field, stream, parameters["write"].to_text(),
                                                      parameters["as"].to_text() == "list",
                                                      parameters["empty"].to_text()));
}

constexpr CodecParameter reference_parameters[] = {
    {"stream", R"({"type": "string"})", "所指记录的数据对象", "the stream of the record it refers to"},
    {"write", R"({"type": "string"})", "写入所指记录的哪一成员（如编码），默认其主键",
     "the member of that record which is written, such as its number; default: its key"},
    {"as", R"({"enum": ["value", "list"]})", "单值，还是只用首个元素的列表",
     "one value, or a list whose first element counts"},
    {"empty", R"({"type": ["string", "integer"]})", "表示“没有”的文本", "the text that means none"}};

constexpr CodecInfo reference_entries[] = {
    {"reference", reference_parameters, R"({"type": "string"})",
     "{reference: {stream: employees, write: FNumber, empty: \"0\"}}",
     "同一系统中的另一条记录；未到达的先等待",
     "another record of the same system; one that is not known yet waits", "列表中首个以外的元素",
     "elements of a list behind its first", make_reference},
};

}  // namespace

std::span<const CodecInfo> reference_codecs() { return reference_entries; }

}  // namespace huiliu::mapping
