#include "hub/table/xml.hpp"

#include <Poco/Exception.h>
#include <Poco/SAX/Attributes.h>
#include <Poco/SAX/DefaultHandler.h>
#include <Poco/SAX/InputSource.h>
#include <Poco/SAX/LexicalHandler.h>
#include <Poco/SAX/SAXException.h>
#include <Poco/SAX/SAXParser.h>

namespace huiliu::table {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Status;

// The only way out of a SAX callback.
struct Stop {
  Error error;
};

class PocoAttributes final : public XmlAttributes {
 public:
  explicit PocoAttributes(const Poco::XML::Attributes& attributes) : attributes_(attributes) {}
  std::string get(std::string_view name) const override {
    for (int i = 0; i < attributes_.getLength(); ++i)
      if (attributes_.getLocalName(i) == name && attributes_.getURI(i).empty())
        return attributes_.getValue(i);
    return {};
  }
  std::string reference(std::string_view name) const override {
    for (int i = 0; i < attributes_.getLength(); ++i)
      if (attributes_.getLocalName(i) == name &&
          attributes_.getURI(i).find("relationships") != std::string::npos)
        return attributes_.getValue(i);
    return {};
  }

 private:
  const Poco::XML::Attributes& attributes_;
};

class Bridge final : public Poco::XML::DefaultHandler, public Poco::XML::LexicalHandler {
 public:
  Bridge(XmlHandler& handler, const std::string& what, std::size_t depth)
      : handler_(handler), what_(what), depth_(depth) {}

  void startElement(const Poco::XML::XMLString&, const Poco::XML::XMLString& name,
                    const Poco::XML::XMLString&, const Poco::XML::Attributes& attributes) override {
    if (++open_ > depth_) throw Stop{make_error(ErrorClass::data, "its XML is nested too deeply", what_)};
    pass(handler_.start(name, PocoAttributes(attributes)));
  }
  void endElement(const Poco::XML::XMLString&, const Poco::XML::XMLString& name,
                  const Poco::XML::XMLString&) override {
    --open_;
    pass(handler_.end(name));
  }
  void characters(const Poco::XML::XMLChar ch[], int start, int length) override {
    pass(handler_.text({ch + start, static_cast<std::size_t>(length)}));
  }
  void startDTD(const Poco::XML::XMLString&, const Poco::XML::XMLString&,
                const Poco::XML::XMLString&) override {
    throw Stop{make_error(ErrorClass::data, "its XML has a document type: refused", what_)};
  }
  void endDTD() override {}
  void startEntity(const Poco::XML::XMLString&) override {}
  void endEntity(const Poco::XML::XMLString&) override {}
  void startCDATA() override {}
  void endCDATA() override {}
  void comment(const Poco::XML::XMLChar[], int, int) override {}

 private:
  static void pass(Status status) {
    if (!status.ok()) throw Stop{std::move(status.error())};
  }

  XmlHandler& handler_;
  const std::string& what_;
  std::size_t depth_, open_ = 0;
};

}  // namespace

Status parse_xml(std::istream& in, const std::string& what, std::size_t depth, XmlHandler& handler) {
  Bridge bridge(handler, what, depth);
  Poco::XML::SAXParser parser;
  parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_GENERAL_ENTITIES, false);
  parser.setFeature(Poco::XML::XMLReader::FEATURE_EXTERNAL_PARAMETER_ENTITIES, false);
  parser.setContentHandler(&bridge);
  parser.setErrorHandler(&bridge);
  parser.setProperty(Poco::XML::XMLReader::PROPERTY_LEXICAL_HANDLER,
                     static_cast<Poco::XML::LexicalHandler*>(&bridge));
  try {
    Poco::XML::InputSource source(in);
    parser.parse(&source);
  } catch (Stop& stop) {
    return std::move(stop.error);
  } catch (const Poco::Exception& wrong) {
    return make_error(ErrorClass::data, "its XML cannot be read: " + wrong.displayText(), what);
  }
  return {};
}

}  // namespace huiliu::table
