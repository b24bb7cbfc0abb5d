// Domain names: ASCII form and the part that somebody registered.
#pragma once

#include <string>
#include <string_view>

namespace huiliu::normalize {

// Lower case, IDN to ASCII (公司.中国 → xn--…), without a trailing dot; "" when this is no domain name. An
// IPv4 address is returned as it is.
std::string ascii_domain(std::string_view domain);

// The same for names of ASCII letters, digits and single hyphens that need no more than lower case; "" for
// all others.
std::string plain_ascii_domain(std::string_view domain);

// example.com.cn for shop.example.com.cn, by the public-suffix rules; "" for a bare suffix or an address.
// `domain` is in the form that ascii_domain returns.
std::string registrable_domain(std::string_view domain);

// Mailboxes there are given to anybody: the domain says nothing about the company.
bool is_free_mail(std::string_view domain);

// Hosts that many companies share (shop platforms, encyclopedias, app stores): no identity without the path.
bool is_shared_host(std::string_view host);

// The registrable domain of a web site as it was written; "" where many share the host, or there is none.
std::string own_domain_of_url(std::string_view url);

}  // namespace huiliu::normalize
