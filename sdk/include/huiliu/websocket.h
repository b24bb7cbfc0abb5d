/* huiliu/websocket.h - the host extension "websocket/1": one WebSocket at a time for a long-lived event
 * channel. Valid C11 and C++20; obeys the rules of plugin.h. C++ authors use huiliu/websocket.hpp.
 *
 *   const huiliu_websocket_1* web = host->extension(host, "websocket/1");   null: this host has none
 *
 * The host does the rest: TLS and its verification, only hosts of the manifest, pings when it is quiet (RFC
 * 6455, section 5.5.2), size limits, the end of waits when a stop is asked for.
 */
#ifndef HUILIU_WEBSOCKET_H
#define HUILIU_WEBSOCKET_H
#include "huiliu/plugin.h"
#ifdef __cplusplus
extern "C" {
#endif

enum { HUILIU_FRAME_NONE = 0, HUILIU_FRAME_TEXT = 1, HUILIU_FRAME_BINARY = 2 }; /* websocket_message.kind */

typedef struct huiliu_websocket huiliu_websocket; /* an open connection; belongs to the plugin until close */

typedef struct huiliu_websocket_request {
  uint32_t struct_size, header_count;
  huiliu_str url; /* ws:// or wss://. Allowed as http:// or https:// of the same host is; where the manifest
                     names it by a setting, on any port: a gateway hands out where its channel is */
  const huiliu_pair* headers;
  uint32_t connect_timeout_ms; /* for name, TCP, TLS and handshake together; 0: the host's */
  uint32_t ping_after_ms;      /* silence after which the host pings, and twice which ends it; 0: 60 s */
} huiliu_websocket_request;

typedef struct huiliu_websocket_message {
  uint32_t struct_size; /* set by the plugin before the call; the host sets the rest */
  int32_t kind;
  huiliu_bytes data; /* borrowed until the next call with this connection */
} huiliu_websocket_message;

typedef struct huiliu_websocket_1 {
  uint32_t struct_size, reserved;
  /* RETRY: not reached, or the handshake was refused: huiliu_failure of the call says why. CONFIG: the
   * manifest does not allow this host. UNSUPPORTED: this host has no network (a script, a replay). [any] */
  huiliu_status (*open)(huiliu_call*, const huiliu_websocket_request*,
                        huiliu_websocket** out) HUILIU_NOEXCEPT;
  /* The next message, or kind NONE when none came in that time. RETRY: the connection has ended. DATA: a
   * message larger than the host takes; the connection has ended. CANCELLED. [any, one thread at a time] */
  huiliu_status (*receive)(huiliu_call*, huiliu_websocket*, uint32_t within_ms,
                           huiliu_websocket_message* out) HUILIU_NOEXCEPT;
  /* OK: handed to the network; only an answer of the remote tells that it arrived. [any, as receive] */
  huiliu_status (*send)(huiliu_call*, huiliu_websocket*, int32_t kind, huiliu_bytes data) HUILIU_NOEXCEPT;
  /* Says goodbye when it can, frees all. [any] */
  void (*close)(huiliu_websocket*) HUILIU_NOEXCEPT;
} huiliu_websocket_1;

#ifdef __cplusplus
}
#endif
#endif
