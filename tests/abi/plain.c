/* A whole plugin in plain C: what the smallest author can rely on. One connector, test-plain, with a stream
 * of three records; a write that answers for each record by its key. TEST_FUTURE makes it a plugin of a later
 * minor; TEST_FAULT_* makes it unfit in one way. */
#include <huiliu/plugin.h>
#include <stdlib.h>
#include <string.h>

#define LITERAL(text) \
  { text, sizeof(text) - 1 }

#ifdef TEST_FUTURE
#define BUILT (HUILIU_ABI_MINOR + 1)
#define FUTURE_MEMBER "\"from_the_future\":true,"
/* As a later header would have them: one more field at the end. */
typedef struct later_record {
  huiliu_record known;
  huiliu_str more;
} later_record;
typedef struct later_connector {
  huiliu_connector known;
  void (*more)(void);
} later_connector;
#else
#define BUILT HUILIU_ABI_MINOR
#define FUTURE_MEMBER ""
typedef struct later_record {
  huiliu_record known;
} later_record;
typedef struct later_connector {
  huiliu_connector known;
} later_connector;
#endif

#ifdef TEST_FAULT_NEEDED
#define NEEDED 9
#else
#define NEEDED 0
#endif

#ifdef TEST_FAULT_NO_LABEL
#define LABEL ""
#else
#define LABEL "\"label\":{\"zh\":\"样品\",\"en\":\"Plain\"},"
#endif
#ifdef TEST_FAULT_NO_SLOT
#define CAPABILITIES "[\"check\",\"read\",\"write\",\"find\"]"
#elif defined(TEST_FAULT_EXTRA_SLOT)
#define CAPABILITIES "[\"read\",\"write\"]"
#else
#define CAPABILITIES "[\"check\",\"read\",\"write\"]"
#endif
#define MANIFEST                                                                                  \
  "{\"id\":\"test-plain\",\"version\":\"1.0.0\"," LABEL FUTURE_MEMBER                             \
  "\"settings\":{\"type\":\"object\",\"properties\":{\"greeting\":{\"type\":\"string\"}}},"       \
  "\"capabilities\":" CAPABILITIES                                                                \
  ",\"streams\":[{\"name\":\"items\",\"label\":{\"zh\":\"物\",\"en\":\"Items\"},\"key\":\"id\"," \
  "\"capabilities\":{\"read\":[\"full\"],\"write\":[\"create\",\"update\"]}}]}"

/* A constructor that an unfit library must never get to run: the test looks for what it sets. */
__attribute__((constructor)) static void leave_a_trace(void) {
  setenv("HUILIU_TEST_CONSTRUCTOR_RAN", "1", 1);
}

#ifndef TEST_FAULT_NO_NOTE
#if defined(TEST_FAULT_MAJOR)
__attribute__((section(".note.huiliu"), used, aligned(4))) static const huiliu_note huiliu_note_v1 = {
    7, 16, 1, "Huiliu", HUILIU_MAGIC, 2, 0, 0};
#elif defined(TEST_FAULT_NEEDED_IN_FILE)
__attribute__((section(".note.huiliu"), used, aligned(4))) static const huiliu_note huiliu_note_v1 = {
    7, 16, 1, "Huiliu", HUILIU_MAGIC, 1, 9, 9};
#else
__attribute__((section(".note.huiliu"), used, aligned(4))) static const huiliu_note huiliu_note_v1 = {
    7, 16, 1, "Huiliu", HUILIU_MAGIC, HUILIU_ABI_MAJOR, BUILT, 0};
#endif
#endif
#if defined(TEST_FAULT_NOT_JSON)
HUILIU_MANIFEST("{\"id\": ");
#elif !defined(TEST_FAULT_NO_MANIFEST)
HUILIU_MANIFEST(MANIFEST);
#endif

static const huiliu_host* the_host;

static huiliu_status describe(huiliu_text_sink* out) {
#ifdef TEST_FAULT_OTHER_MANIFEST
  const huiliu_str text = LITERAL("{}");
#else
  const huiliu_str text = LITERAL(MANIFEST);
#endif
  out->put(out->ctx, text);
  return HUILIU_OK;
}

#ifndef TEST_FAULT_NULL_OPEN
static int the_self;

static huiliu_status open_instance(const huiliu_host* host, huiliu_call* call, huiliu_str settings,
                                   void** self) {
  (void)call;
  (void)settings;
  the_host = host;
  *self = &the_self;
  return HUILIU_OK;
}
#endif

static void close_instance(void* self) { (void)self; }

static huiliu_status check(void* self, huiliu_call* call) {
  (void)self;
  return the_host->calls->cancelled(call) ? HUILIU_CANCELLED : HUILIU_OK;
}

static later_record item(const char* key, const char* body, int32_t kind) {
  later_record out;
  memset(&out, 0, sizeof out);
  out.known.key.data = key;
  out.known.key.size = strlen(key);
  out.known.body.data = (const uint8_t*)body;
  out.known.body.size = strlen(body);
  out.known.changed_at_us = HUILIU_TIME_UNKNOWN;
  out.known.kind = kind;
  return out;
}

static huiliu_status read_items(void* self, huiliu_call* call, const huiliu_read_request* request,
                                huiliu_record_sink* out) {
  const huiliu_bytes cursor = {(const uint8_t*)"end", 3};
  later_record records[3];
  huiliu_batch batch;
  huiliu_status status;
  (void)self;
  (void)call;
  records[0] = item("1", "{\"id\":1,\"price\":1.10}", HUILIU_UPSERT);
  records[1] = item("2", "{\"id\":2}", HUILIU_UPSERT);
  records[2] = item("3", "", HUILIU_DELETE);
  memset(&batch, 0, sizeof batch);
  batch.struct_size = sizeof batch;
  batch.record_stride = sizeof(later_record);
  batch.stream = request->stream;
  batch.records = &records[0].known;
  batch.record_count = 3;
  status = out->emit(out->ctx, &batch);
  return status != HUILIU_OK ? status : out->checkpoint(out->ctx, cursor);
}

/* Reads by the stride that the host gives: a newer host's records are longer. */
static huiliu_status write_items(void* self, huiliu_call* call, const huiliu_write_request* request,
                                 huiliu_result_sink* out) {
  size_t i;
  (void)self;
  (void)call;
  for (i = 0; i < request->batch->record_count; ++i) {
    const huiliu_record* record = (const huiliu_record*)(const void*)((const char*)request->batch->records +
                                                                      i * request->batch->record_stride);
    huiliu_result result;
    memset(&result, 0, sizeof result);
    result.struct_size = sizeof result;
    result.outcome = HUILIU_APPLIED;
    if (record->key.size == 0) {
      result.remote_key.data = "new";
      result.remote_key.size = 3;
    }
    out->report(out->ctx, i, &result);
  }
  return HUILIU_OK;
}

static const later_connector the_connector = {
#ifdef TEST_FUTURE
    .more = NULL,
#endif
    .known = {
#ifdef TEST_FAULT_SMALL_TABLE
        .struct_size = 16,
#else
        .struct_size = sizeof(later_connector),
#endif
        .describe = describe,
#ifndef TEST_FAULT_NULL_OPEN
        .open = open_instance,
#endif
        .close = close_instance,
        .check = check,
        .read = read_items,
        .write = write_items,
    }};

static const huiliu_connector* connector(uint32_t index) {
#ifdef TEST_FAULT_NULL_CONNECTOR
  return index > 99 ? &the_connector.known : NULL;
#else
  return index == 0 ? &the_connector.known : NULL;
#endif
}

const huiliu_plugin* huiliu_plugin_entry_v1(void) {
  static const huiliu_plugin plugin = {
#ifdef TEST_FAULT_MAGIC
      0x12345678,
#else
      HUILIU_MAGIC,
#endif
#ifdef TEST_FAULT_SMALL_PLUGIN
      8,
#else
      sizeof(huiliu_plugin),
#endif
      BUILT,      NEEDED, LITERAL("test-plain"), LITERAL("1.2.3"), 1, 0, connector};
  return &plugin;
}
