// Configuration and mapping files: any text is a document or an error with its place.
#include "hub/config/yaml.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  const auto document = huiliu::config::parse_yaml(text, "fuzz.yaml");
  if (!document.ok()) {
    huiliu::fuzz::require(!document.error().text().empty(), "an error says what is wrong", text);
    return 0;
  }
  (void)document->at("/streams/customers");
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {
      "streams:\n  customers:\n    entity: customer\n    key: FCustId\n    lenses:\n      - {field: "
      "names.legal, path: FName, "
      "codec: company_name}\n      - {field: owner, path: FSELLER.FNumber, codec: {reference: employee}}\n",
      "connector: x\nrole: erp\nstage: observe\nscope: \"lifecycle = 'customer'\"\nsettings: {base_url: "
      "\"http://a/\", "
      "secret: \"${env:X}\"}\nquotas: {api: {per_minute: 300}}\n",
      "a: &x [1, 2]\nb: *x\nc: |\n  text\n  more\nd: >-\n  folded\n",
      "? key\n: value\n---\nsecond: document\n",
      "a: 1\na: 2\n",
      "- - - deep\n",
      "{a: [b, {c: d}], \"e\": 'f'}",
      "tab:\t1\n",
      "名称: 深圳\n"};
}

std::vector<std::string> long_units() { return {"- ", "a: 1\n", "[", "{a: ", "\"", "# c\n", "- a\n", "  "}; }

}  // namespace huiliu::fuzz
