/* huiliu/plugin.h - the contract between the Huiliu host and a connector plugin. Valid C11 and C++20.
 *
 * Idea. A plugin is a shared library that exports one function, huiliu_plugin_entry_v1. It answers with a
 * table of connectors; a connector is a table of functions: how to check, read, look up, find and write the
 * records of one kind of remote system. Everything that touches the world (HTTP, clock, randomness, secrets,
 * state) comes in as host services, so that the host can limit, record, replay and simulate it. C++ authors
 * use huiliu/plugin.hpp; this header is what both sides obey.
 *
 * Growth. Structs with struct_size may get fields at their end in a later minor: whoever makes one sets its
 * own sizeof, whoever reads one asks HUILIU_HAS first. Arrays of such structs carry a stride. All other
 * structs are frozen. Enum values are never renumbered; 0 is never a valid choice of an enum except
 * HUILIU_OK.
 *
 * Ownership. What is passed in is borrowed until the function returns; who needs it longer copies it. Nothing
 * changes owner, except a http response, which is given back with its own release.
 *
 * Text is UTF-8 with a length, never terminated; an empty text may have a null pointer. JSON is RFC 8259
 * text.
 *
 * Threads. Each function says where it may be called:
 *   [scan] any thread, before any instance exists: pure, no host service, quick
 *   [op]   a host worker; one call at a time for one instance; may block
 *   [any]  any thread, while the call (or instance) that it names is alive
 *
 * A function never lets an exception or a longjmp pass; in C++ the function types are noexcept.
 */
#ifndef HUILIU_PLUGIN_H
#define HUILIU_PLUGIN_H
#include <stddef.h>
#include <stdint.h>
#ifdef __cplusplus
#define HUILIU_NOEXCEPT noexcept /* part of the pointer's type: a function that may throw fills no slot */
#define HUILIU_FIELD_END(type, field) (offsetof(type, field) + sizeof(type::field))
extern "C" {
#else
#define HUILIU_NOEXCEPT
#define HUILIU_FIELD_END(type, field) (offsetof(type, field) + sizeof(((type*)0)->field))
#endif

#define HUILIU_ABI_MAJOR 1u      /* also in the entry's name: a new major is a new symbol */
#define HUILIU_ABI_MINOR 0u      /* grows whenever a field, slot or service is appended */
#define HUILIU_MAGIC 0x4C495548u /* "HUIL" */

/* Does *p, made by the other side, reach as far as this field? */
#define HUILIU_HAS(type, p, field) ((p)->struct_size >= HUILIU_FIELD_END(type, field))

/* ---- Values ------------------------------------------------------------------------------------------ */

typedef struct huiliu_str {
  const char* data;
  size_t size;
} huiliu_str;

typedef struct huiliu_bytes {
  const uint8_t* data;
  size_t size;
} huiliu_bytes;

typedef struct huiliu_pair {
  huiliu_str name, value;
} huiliu_pair;

/* Why an operation ended. A status names what the host does next, not what went wrong. */
typedef int32_t huiliu_status;
enum {
  HUILIU_OK = 0,
  HUILIU_CANCELLED = 1,   /* a stop was asked for: not an error */
  HUILIU_RETRY = 2,       /* transient: again from the last checkpoint, with backoff */
  HUILIU_THROTTLED = 3,   /* as RETRY, not before retry_after_ms; spends no retry budget */
  HUILIU_AUTH = 4,        /* credential refused: pause the connection, ask its owner */
  HUILIU_CONFIG = 5,      /* settings are wrong: pause the connection until they change */
  HUILIU_RESYNC = 6,      /* the remote dropped this cursor: read the stream from the start */
  HUILIU_DATA = 7,        /* the remote broke its contract: keep the payload aside, go on */
  HUILIU_UNSUPPORTED = 8, /* not offered by this plugin, or by this host */
  HUILIU_BUG = 9          /* a broken invariant or an escaped exception: stop using the plugin */
};

/* What became of one record of a write. Exactly one for each record. */
typedef int32_t huiliu_outcome;
enum {
  HUILIU_APPLIED = 1,   /* the remote now holds what was sent */
  HUILIU_UNCHANGED = 2, /* the remote already held it */
  HUILIU_STALE = 3,     /* the expected version did not match: the host reads, merges, decides again */
  HUILIU_DUPLICATE = 4, /* create refused: remote_key has it already; the host links, does not create */
  HUILIU_GONE = 5,      /* the remote no longer has it */
  HUILIU_REJECTED = 6,  /* can never succeed as it is: a person must look; give the remote's reason */
  HUILIU_DEFERRED = 7,  /* surely not applied: the host tries again later */
  HUILIU_IN_DOUBT = 8   /* may have been applied: the host looks before it tries again */
};

enum { HUILIU_UPSERT = 1, HUILIU_DELETE = 2 };                                     /* huiliu_record.kind */
enum { HUILIU_READ_FULL = 1, HUILIU_READ_CHANGES = 2, HUILIU_READ_KEYS = 3 };      /* read_request.mode */
enum { HUILIU_PLACE_HEADER = 1, HUILIU_PLACE_QUERY = 2, HUILIU_PLACE_COOKIE = 3 }; /* placement.kind */
enum { HUILIU_HTTP_IDEMPOTENT = 1, HUILIU_HTTP_NO_RETRY = 2 }; /* http_request.flags, bits */
enum { HUILIU_LOG_DEBUG = 1, HUILIU_LOG_INFO = 2, HUILIU_LOG_WARNING = 3, HUILIU_LOG_ERROR = 4 };

#define HUILIU_TIME_UNKNOWN INT64_MIN /* for every field that ends in _at_us: Unix time in microseconds */

/* One running operation, made by the host, dead once the operation returns. */
typedef struct huiliu_call huiliu_call;

/* The details of a status or an outcome, for a person and for the log. */
typedef struct huiliu_failure {
  uint32_t struct_size;
  huiliu_status status;
  huiliu_str message;     /* a sentence for a person: no secrets, no record content */
  huiliu_str remote_code; /* the remote's own code, verbatim */
  huiliu_str pointer;     /* JSON Pointer into the settings or the record at fault */
  int64_t retry_after_ms; /* -1: not known */
} huiliu_failure;

/* One object of a stream. Travels in arrays with a stride, so it too may grow at its end. */
typedef struct huiliu_record {
  huiliu_str key;          /* the remote's identity, unique in the stream. On write, empty: create */
  huiliu_str version;      /* the remote's revision. On write: apply only over this one; empty: over any */
  huiliu_str operation_id; /* on write: the same at every retry of this write; else empty */
  huiliu_bytes body;       /* one JSON object. On write: only the fields to change (a create: all) */
  huiliu_bytes base;       /* on write: the body as it was last observed, for remotes that want fields resent;
                              empty when there is none */
  int64_t changed_at_us;   /* when it changed, by the remote's clock; HUILIU_TIME_UNKNOWN */
  int32_t kind;            /* HUILIU_UPSERT or HUILIU_DELETE */
  int32_t reserved;
} huiliu_record;

typedef struct huiliu_batch {
  uint32_t struct_size;
  uint32_t record_stride; /* sizeof(huiliu_record) as its producer knows it */
  huiliu_str stream;
  const huiliu_record* records;
  size_t record_count;
} huiliu_batch;

typedef struct huiliu_result {
  uint32_t struct_size;
  huiliu_outcome outcome;
  huiliu_str remote_key;         /* of the record written, or of the duplicate; empty: as asked */
  huiliu_str remote_version;     /* after the write; empty: not known */
  huiliu_bytes remote_body;      /* as the remote now shows it, when it said so; saves a read-back */
  const huiliu_failure* failure; /* null for UNCHANGED; for APPLIED null, or what of the write was left out
                                    and why: the rest stands */
} huiliu_result;

/* ---- What the host asks for -------------------------------------------------------------------------- */

typedef struct huiliu_read_request {
  uint32_t struct_size;
  int32_t mode; /* FULL: every record. CHANGES: those changed since the cursor. KEYS: every record, but
                   key and version suffice (body "{}"): to find what vanished */
  huiliu_str stream;
  huiliu_bytes cursor; /* what checkpoint was last given for this stream; empty: from the start. The last
                          cursor of a FULL read is where CHANGES begins */
  uint64_t limit;      /* stop after about so many records; 0: no limit */
} huiliu_read_request;

typedef struct huiliu_lookup_request {
  uint32_t struct_size, reserved;
  huiliu_str stream;
  const huiliu_str* keys; /* emit each as it is now; one that the remote no longer has: emit a DELETE */
  size_t key_count;
} huiliu_lookup_request;

typedef struct huiliu_find_request {
  uint32_t struct_size, reserved;
  huiliu_str stream;
  const huiliu_pair* fields; /* natural keys: emit every record in which all these fields (by the record's own
                                paths) have these values; none: emit nothing */
  size_t field_count;
  uint64_t limit; /* enough matches to see that there are several; 0: no limit */
} huiliu_find_request;

typedef struct huiliu_write_request {
  uint32_t struct_size, reserved;
  const huiliu_batch* batch; /* all of one stream; each record is judged alone */
} huiliu_write_request;

typedef struct huiliu_auth_request {
  uint32_t struct_size;
  uint32_t pool_index;   /* which of the manifest's `pool` parallel tokens; 0 when there is one */
  huiliu_str credential; /* a name from the manifest */
} huiliu_auth_request;

typedef struct huiliu_web_request {
  uint32_t struct_size, header_count;
  huiliu_str method;
  huiliu_str target; /* path and query, byte for byte as they were sent */
  const huiliu_pair* headers;
  huiliu_bytes body;
} huiliu_web_request;

typedef struct huiliu_listen_request {
  uint32_t struct_size, reserved;
} huiliu_listen_request;

/* ---- Where results go: all copied before the function returns ------------------------------------------ */

typedef struct huiliu_text_sink {
  uint32_t struct_size, reserved;
  void* ctx;
  void (*put)(void* ctx, huiliu_str text) HUILIU_NOEXCEPT; /* several puts are joined */
} huiliu_text_sink;

typedef struct huiliu_record_sink {
  uint32_t struct_size, reserved;
  void* ctx;
  /* Hands over a page, at most 1,000 records. Blocks while the host is behind: that is the backpressure.
   * Not OK: return that status at once. [op] */
  huiliu_status (*emit)(void* ctx, const huiliu_batch*) HUILIU_NOEXCEPT;
  /* "This cursor covers all that was emitted before it." Durable when OK. Empty cursor: only a barrier. [op]
   */
  huiliu_status (*checkpoint)(void* ctx, huiliu_bytes cursor) HUILIU_NOEXCEPT;
} huiliu_record_sink;

typedef struct huiliu_result_sink {
  uint32_t struct_size, reserved;
  void* ctx;
  /* In any order, once for each index of the batch. An index that never comes is IN_DOUBT. [op] */
  void (*report)(void* ctx, size_t index, const huiliu_result*) HUILIU_NOEXCEPT;
} huiliu_result_sink;

/* Where a token goes in a request. Travels with a stride. */
typedef struct huiliu_placement {
  huiliu_str host;  /* pattern as in the manifest's hosts ("api.example.com", "*.example.com"); empty: all */
  huiliu_str name;  /* header, query parameter or cookie */
  huiliu_str value; /* template; each "{token}" becomes the token's text; empty: the text alone */
  int32_t kind;     /* HUILIU_PLACE_* */
  int32_t reserved;
} huiliu_placement;

typedef struct huiliu_token {
  uint32_t struct_size;
  uint32_t placement_stride;          /* sizeof(huiliu_placement) as the plugin knows it */
  huiliu_str text;                    /* never logged, never recorded */
  int64_t expires_at_us;              /* by the host's clock; HUILIU_TIME_UNKNOWN: until it is refused */
  const huiliu_placement* placements; /* every one whose host fits is applied */
  size_t placement_count;
} huiliu_token;

typedef struct huiliu_token_sink {
  uint32_t struct_size, reserved;
  void* ctx;
  void (*put)(void* ctx, const huiliu_token*) HUILIU_NOEXCEPT; /* once; the last counts. [op] */
} huiliu_token_sink;

typedef struct huiliu_web_reply {
  uint32_t struct_size, reserved;
  void* ctx;
  /* Once; the last counts. Without it the host answers 500. [op] */
  void (*answer)(void* ctx, int32_t code, const huiliu_pair* headers, size_t header_count,
                 huiliu_bytes body) HUILIU_NOEXCEPT;
} huiliu_web_reply;

/* ---- Host services: every pointer and slot of the host's minor is set -----------------------------------
 */

typedef struct huiliu_calls {
  uint32_t struct_size, reserved;
  int32_t (*cancelled)(huiliu_call*) HUILIU_NOEXCEPT; /* sticky; also ends every wait in the host. [any] */
  /* The details of the status that the operation is about to return. Copied; the last counts. [any] */
  void (*fail)(huiliu_call*, const huiliu_failure*) HUILIU_NOEXCEPT;
  void (*progress)(huiliu_call*, uint64_t done, uint64_t total) HUILIU_NOEXCEPT; /* 0: not known. [any] */
} huiliu_calls;

typedef struct huiliu_log {
  uint32_t struct_size, reserved;
  /* The host removes known secrets; do not log record content. [any] */
  void (*write)(huiliu_call*, int32_t level, huiliu_str text, const huiliu_pair* fields,
                size_t field_count) HUILIU_NOEXCEPT;
} huiliu_log;

typedef struct huiliu_env { /* the only clock and the only dice of a plugin */
  uint32_t struct_size, reserved;
  int64_t (*unix_us)(huiliu_call*) HUILIU_NOEXCEPT;                              /* [any] */
  huiliu_status (*sleep_ms)(huiliu_call*, uint64_t duration_ms) HUILIU_NOEXCEPT; /* OK, CANCELLED. [any] */
  void (*random)(huiliu_call*, uint8_t* out, size_t size) HUILIU_NOEXCEPT;       /* [any] */
} huiliu_env;

typedef struct huiliu_http_request {
  uint32_t struct_size;
  uint32_t flags; /* HUILIU_HTTP_IDEMPOTENT: as safe to repeat as a GET. _NO_RETRY: once only */
  huiliu_str method;
  huiliu_str url; /* absolute; its host must be one of the manifest's */
  const huiliu_pair* headers;
  size_t header_count;
  huiliu_bytes body;
  huiliu_str credential;      /* name from the manifest: the host adds the token; empty: none */
  huiliu_str quota;           /* bucket from the manifest; empty: none */
  huiliu_str idempotency_key; /* of the remote: makes a POST safe to retry. Sent only if you add its header */
  uint32_t quota_cost;        /* units of the bucket; 0: 1 */
  uint32_t timeout_ms;        /* for one attempt; 0: the host's */
} huiliu_http_request;

typedef struct huiliu_http_response {
  uint32_t struct_size; /* set by the plugin before the call; the host sets the rest */
  int32_t code;         /* 0: no answer came */
  const huiliu_pair* headers;
  size_t header_count;
  huiliu_bytes body; /* decompressed */
  uint32_t attempts;
  uint32_t maybe_delivered; /* not 0: an attempt got no (whole) answer, yet the remote may have acted on it */
  int64_t retry_after_ms;   /* the remote's wish, from Retry-After in any of its forms; -1: none */
  huiliu_str reason;        /* why no answer came, for a person */
  void (*release)(struct huiliu_http_response*) HUILIU_NOEXCEPT; /* call once, when not null. [any] */
  void* owner;
} huiliu_http_response;

typedef struct huiliu_http {
  uint32_t struct_size, reserved;
  /* One exchange. Quota, retries (only if safe to repeat), time-outs, TLS, size limits, recording and replay
   * are the host's. OK: an answer of any code is in the response. RETRY: none came; see maybe_delivered.
   * DATA: the answer was larger than allowed or broken. CONFIG: this host, credential or quota is not in the
   * manifest. AUTH, CANCELLED, ... as authenticate or the stop said. [any] */
  huiliu_status (*send)(huiliu_call*, const huiliu_http_request*, huiliu_http_response*) HUILIU_NOEXCEPT;
  /* "The remote refused the token that my last request with this credential carried." The host drops exactly
   * that token, if it is still the current one; the next send fetches another. OK: try again. AUTH: a token
   * that this call renewed a moment ago was refused too; give up. [any] */
  huiliu_status (*invalidate)(huiliu_call*, huiliu_str credential) HUILIU_NOEXCEPT;
} huiliu_http;

typedef struct huiliu_secrets { /* name: a settings property that the manifest marks "secret": true */
  uint32_t struct_size, reserved;
  /* Only secrets that a credential of the manifest lists under "reveal"; else UNSUPPORTED. A secret that is
   * not configured: CONFIG. [any] */
  huiliu_status (*reveal)(huiliu_call*, huiliu_str name, huiliu_text_sink*) HUILIU_NOEXCEPT;
  /* HMAC-SHA256 keyed with the secret's bytes: the secret stays in the host. [any] */
  huiliu_status (*hmac_sha256)(huiliu_call*, huiliu_str name, huiliu_bytes data,
                               uint8_t out[32]) HUILIU_NOEXCEPT;
} huiliu_secrets;

typedef struct huiliu_state { /* small notes of one connection; committed with checkpoint or the final OK */
  uint32_t struct_size, reserved;
  huiliu_status (*get)(huiliu_call*, huiliu_str key,
                       huiliu_text_sink*) HUILIU_NOEXCEPT; /* none: no put. [any] */
  huiliu_status (*set)(huiliu_call*, huiliu_str key,
                       huiliu_str value) HUILIU_NOEXCEPT; /* null data: erase. [any] */
} huiliu_state;

typedef struct huiliu_metrics {
  uint32_t struct_size, reserved;
  void (*add)(huiliu_call*, huiliu_str name, double value, const huiliu_pair* labels,
              size_t label_count) HUILIU_NOEXCEPT; /* [any] */
} huiliu_metrics;

typedef struct huiliu_host {
  uint32_t struct_size, abi_minor;
  huiliu_str product, version;
  const huiliu_calls* calls;
  const huiliu_log* log;
  const huiliu_env* env;
  const huiliu_http* http;
  const huiliu_secrets* secrets;
  const huiliu_state* state;
  const huiliu_metrics* metrics;
  const void* (*extension)(const struct huiliu_host*,
                           huiliu_str id)HUILIU_NOEXCEPT; /* "name/1"; null. [any] */
} huiliu_host;

/* ---- The plugin's side -------------------------------------------------------------------------------- */

/* One kind of remote system. describe, open and close are always set. A slot after them may be null; the
 * manifest's "capabilities" names exactly those that are set (but interrupt and extension). */
typedef struct huiliu_connector {
  uint32_t struct_size, reserved;
  /* The manifest (sdk/manifest.md), the same bytes as in the section .huiliu.manifest. [scan] */
  huiliu_status (*describe)(huiliu_text_sink*) HUILIU_NOEXCEPT;
  /* Makes an instance. settings: a JSON object, valid by the manifest's schema, defaults filled in; a secret
   * that is configured shows as "***". host lives longer than the instance. No network here. [op] */
  huiliu_status (*open)(const huiliu_host*, huiliu_call*, huiliu_str settings, void** self) HUILIU_NOEXCEPT;
  /* Joins the instance's threads, frees all. [op] */
  void (*close)(void* self) HUILIU_NOEXCEPT;
  /* The cheapest authorised request: do address, credentials and rights work? [op] */
  huiliu_status (*check)(void* self, huiliu_call*) HUILIU_NOEXCEPT;
  /* Writes {"streams": [...]} as in the manifest, as this account of the remote has them. [op] */
  huiliu_status (*discover)(void* self, huiliu_call*, huiliu_text_sink*) HUILIU_NOEXCEPT;
  /* Emit, then checkpoint. [op] */
  huiliu_status (*read)(void* self, huiliu_call*, const huiliu_read_request*,
                        huiliu_record_sink*) HUILIU_NOEXCEPT;
  huiliu_status (*lookup)(void* self, huiliu_call*, const huiliu_lookup_request*,
                          huiliu_record_sink*) HUILIU_NOEXCEPT; /* [op] */
  huiliu_status (*find)(void* self, huiliu_call*, const huiliu_find_request*,
                        huiliu_record_sink*) HUILIU_NOEXCEPT; /* [op] */
  /* Each record gets one result. Not OK: records without a result are in doubt. [op] */
  huiliu_status (*write)(void* self, huiliu_call*, const huiliu_write_request*,
                         huiliu_result_sink*) HUILIU_NOEXCEPT;
  /* An inbound HTTP request (a webhook). Verify, emit, checkpoint with an empty cursor, then answer: the host
   * sends the answer once what was emitted is durable. [op] */
  huiliu_status (*handle_request)(void* self, huiliu_call*, const huiliu_web_request*, huiliu_record_sink*,
                                  huiliu_web_reply*) HUILIU_NOEXCEPT;
  /* Fetches a token for a credential of kind "token". The host calls it when a send needs one, possibly from
   * inside that send and so inside another operation of the same instance: use only what open has made, and
   * change nothing. One at a time for each token; the answer is shared as the manifest's scope says. Its own
   * sends must not name the same credential. [any] */
  huiliu_status (*authenticate)(void* self, huiliu_call*, const huiliu_auth_request*,
                                huiliu_token_sink*) HUILIU_NOEXCEPT;
  /* Wakes the instance from a blocking call that is not the host's. [any] */
  void (*interrupt)(void* self) HUILIU_NOEXCEPT;
  /* A long-lived event channel, on an instance of its own: opens it (websocket.h), hands over what it hears,
   * and acknowledges upstream only after a checkpoint with an empty cursor. Reconnects by itself; ends when a
   * stop is asked for, or when only a person can help. UNSUPPORTED: these settings want no channel. [op] */
  huiliu_status (*listen)(void* self, huiliu_call*, const huiliu_listen_request*,
                          huiliu_record_sink*) HUILIU_NOEXCEPT;
  const void* (*extension)(huiliu_str id)HUILIU_NOEXCEPT; /* "name/1"; null when not offered. [scan] */
} huiliu_connector;

typedef struct huiliu_plugin {
  uint32_t magic, struct_size;
  uint32_t abi_minor_built;  /* HUILIU_ABI_MINOR when it was compiled */
  uint32_t abi_minor_needed; /* the lowest minor of a host that it can work with */
  huiliu_str name, version;
  uint32_t connector_count, reserved;
  const huiliu_connector* (*connector)(uint32_t index)HUILIU_NOEXCEPT; /* lives for ever. [scan] */
} huiliu_plugin;

#define HUILIU_EXPORT __attribute__((visibility("default")))

/* The one symbol that a plugin exports. [scan] */
HUILIU_EXPORT const huiliu_plugin* huiliu_plugin_entry_v1(void) HUILIU_NOEXCEPT;

/* ---- What can be read from the file before any of its code runs ---------------------------------------- */

/* An ELF note in the section .note.huiliu: which ABI the library speaks. */
typedef struct huiliu_note {
  uint32_t namesz, descsz, type;
  char name[8]; /* "Huiliu" */
  uint32_t magic, abi_major, abi_minor_built, abi_minor_needed;
} huiliu_note;

/* Once in a plugin, at file scope (HUILIU_PLUGIN of plugin.hpp contains both).
 * HUILIU_NOTE(needed): the note. HUILIU_MANIFEST(text): the manifests of all connectors, in their order, each
 * a string literal ended by a zero byte: HUILIU_MANIFEST("{...}") or HUILIU_MANIFEST("{...}" "\0" "{...}").
 */
#define HUILIU_NOTE(needed)                                                                              \
  __attribute__((section(".note.huiliu"), used, aligned(4))) static const huiliu_note huiliu_note_v1 = { \
      7, 16, 1, "Huiliu", HUILIU_MAGIC, HUILIU_ABI_MAJOR, HUILIU_ABI_MINOR, (needed)}
#define HUILIU_MANIFEST(text) \
  __attribute__((section(".huiliu.manifest"), used)) static const char huiliu_manifest_v1[] = text

#ifdef __cplusplus
}
#endif
#endif
