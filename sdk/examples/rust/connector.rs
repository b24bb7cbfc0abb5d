// The connector of ../c in Rust, through the C ABI of huiliu/plugin.h. Without cargo:
//   rustc --edition 2021 -O --crate-type cdylib -C panic=abort -o libhuiliu-names.so connector.rs
// The structs below are those of the header that this connector uses, field for field; 64-bit.
#![allow(non_camel_case_types)]
use std::ffi::c_void;
use std::ptr::{null, null_mut};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str {
    data: *const u8,
    size: usize,
}
#[repr(C)]
pub struct Failure {
    struct_size: u32,
    status: i32,
    message: Str,
    remote_code: Str,
    pointer: Str,
    retry_after_ms: i64,
}
#[repr(C)]
pub struct Record {
    key: Str,
    version: Str,
    operation_id: Str,
    body: Str,
    base: Str,
    changed_at_us: i64,
    kind: i32,
    reserved: i32,
}
#[repr(C)]
pub struct Batch {
    struct_size: u32,
    record_stride: u32,
    stream: Str,
    records: *const Record,
    record_count: usize,
}
#[repr(C)]
pub struct ReadRequest {
    struct_size: u32,
    mode: i32,
    stream: Str,
    cursor: Str,
    limit: u64,
}
#[repr(C)]
pub struct TextSink {
    struct_size: u32,
    reserved: u32,
    ctx: *mut c_void,
    put: extern "C" fn(*mut c_void, Str),
}
#[repr(C)]
pub struct RecordSink {
    struct_size: u32,
    reserved: u32,
    ctx: *mut c_void,
    emit: extern "C" fn(*mut c_void, *const Batch) -> i32,
    checkpoint: extern "C" fn(*mut c_void, Str) -> i32,
}
#[repr(C)]
pub struct Calls {
    struct_size: u32,
    reserved: u32,
    cancelled: extern "C" fn(*mut c_void) -> i32,
    fail: extern "C" fn(*mut c_void, *const Failure),
    progress: extern "C" fn(*mut c_void, u64, u64),
}
#[repr(C)]
pub struct HttpRequest {
    struct_size: u32,
    flags: u32,
    method: Str,
    url: Str,
    headers: *const c_void,
    header_count: usize,
    body: Str,
    credential: Str,
    quota: Str,
    idempotency_key: Str,
    quota_cost: u32,
    timeout_ms: u32,
}
#[repr(C)]
pub struct HttpResponse {
    struct_size: u32,
    code: i32,
    headers: *const c_void,
    header_count: usize,
    body: Str,
    attempts: u32,
    maybe_delivered: u32,
    retry_after_ms: i64,
    reason: Str,
    release: Option<extern "C" fn(*mut HttpResponse)>,
    owner: *mut c_void,
}
#[repr(C)]
pub struct Http {
    struct_size: u32,
    reserved: u32,
    send: extern "C" fn(*mut c_void, *const HttpRequest, *mut HttpResponse) -> i32,
    invalidate: extern "C" fn(*mut c_void, Str) -> i32,
}
#[repr(C)]
pub struct Host {
    struct_size: u32,
    abi_minor: u32,
    product: Str,
    version: Str,
    calls: *const Calls,
    log: *const c_void,
    env: *const c_void,
    http: *const Http,
    secrets: *const c_void,
    state: *const c_void,
    metrics: *const c_void,
    extension: *const c_void,
}
type Slot = *const c_void; // one that this connector leaves empty
#[repr(C)]
pub struct Connector {
    struct_size: u32,
    reserved: u32,
    describe: extern "C" fn(*mut TextSink) -> i32,
    open: extern "C" fn(*const Host, *mut c_void, Str, *mut *mut c_void) -> i32,
    close: extern "C" fn(*mut c_void),
    check: extern "C" fn(*mut c_void, *mut c_void) -> i32,
    discover: Slot,
    read: extern "C" fn(*mut c_void, *mut c_void, *const ReadRequest, *mut RecordSink) -> i32,
    lookup: Slot,
    find: Slot,
    write: Slot,
    handle_request: Slot,
    authenticate: Slot,
    interrupt: Slot,
    listen: Slot,
    extension: Slot,
}
unsafe impl Sync for Connector {}
#[repr(C)]
pub struct Plugin {
    magic: u32,
    struct_size: u32,
    abi_minor_built: u32,
    abi_minor_needed: u32,
    name: Str,
    version: Str,
    connector_count: u32,
    reserved: u32,
    connector: extern "C" fn(u32) -> *const Connector,
}
unsafe impl Sync for Plugin {}

const OK: i32 = 0;
const RETRY: i32 = 2;
const CONFIG: i32 = 5;
const DATA: i32 = 7;
const UPSERT: i32 = 1;
const TIME_UNKNOWN: i64 = i64::MIN;
const NONE: Str = Str { data: null(), size: 0 };

const fn text(value: &'static str) -> Str {
    Str { data: value.as_ptr(), size: value.len() }
}
fn borrowed(value: &[u8]) -> Str {
    Str { data: value.as_ptr(), size: value.len() }
}
unsafe fn bytes<'a>(value: Str) -> &'a [u8] {
    if value.data.is_null() { &[] } else { std::slice::from_raw_parts(value.data, value.size) }
}

macro_rules! manifest {
    () => {
        concat!(
            r#"{"id":"names","version":"1.0.0","label":{"zh":"名单","en":"Names"},"#,
            r#""settings":{"type":"object","required":["base_url"],"additionalProperties":false,"#,
            r#""properties":{"base_url":{"type":"string","format":"uri"}}},"#,
            r#""capabilities":["check","read"],"hosts":["${settings.base_url}"],"#,
            r#""streams":[{"name":"names","label":{"zh":"名单","en":"Names"},"entity":"customer","#,
            r#""key":"id","capabilities":{"read":["full"]}}]}"#
        )
    };
}
const MANIFEST: &str = manifest!();

// What can be read from the file before any code of it runs.
#[repr(C)]
pub struct Note {
    namesz: u32,
    descsz: u32,
    kind: u32,
    name: [u8; 8],
    magic: u32,
    abi_major: u32,
    abi_minor_built: u32,
    abi_minor_needed: u32,
}
const MAGIC: u32 = 0x4C49_5548;
#[used]
#[link_section = ".note.huiliu"]
static NOTE: Note = Note {
    namesz: 7,
    descsz: 16,
    kind: 1,
    name: *b"Huiliu\0\0",
    magic: MAGIC,
    abi_major: 1,
    abi_minor_built: 0,
    abi_minor_needed: 0,
};
const fn ended<const N: usize>(value: &str) -> [u8; N] {
    let mut out = [0u8; N];
    let mut i = 0;
    while i < value.len() {
        out[i] = value.as_bytes()[i];
        i += 1;
    }
    out
}
#[used]
#[link_section = ".huiliu.manifest"]
static SECTION: [u8; MANIFEST.len() + 1] = ended(MANIFEST);

struct Instance {
    host: *const Host,
    url: String,
}

extern "C" fn describe(out: *mut TextSink) -> i32 {
    unsafe { ((*out).put)((*out).ctx, text(MANIFEST)) };
    OK
}

extern "C" fn open(host: *const Host, _call: *mut c_void, settings: Str, out: *mut *mut c_void) -> i32 {
    // Valid JSON by our schema: the value ends at the next quote.
    let settings = String::from_utf8_lossy(unsafe { bytes(settings) }).into_owned();
    let Some((_, rest)) = settings.split_once("\"base_url\":\"") else { return CONFIG };
    let Some((base, _)) = rest.split_once('"') else { return CONFIG };
    let made = Box::new(Instance { host, url: format!("{base}/names.txt") });
    unsafe { *out = Box::into_raw(made) as *mut c_void };
    OK
}

extern "C" fn close(raw: *mut c_void) {
    drop(unsafe { Box::from_raw(raw as *mut Instance) });
}

impl Instance {
    fn fail(&self, call: *mut c_void, status: i32, message: &'static str) -> i32 {
        let failure = Failure {
            struct_size: std::mem::size_of::<Failure>() as u32,
            status,
            message: text(message),
            remote_code: NONE,
            pointer: NONE,
            retry_after_ms: -1,
        };
        unsafe { ((*(*self.host).calls).fail)(call, &failure) };
        status
    }

    fn get(&self, call: *mut c_void) -> Result<Vec<u8>, i32> {
        let request = HttpRequest {
            struct_size: std::mem::size_of::<HttpRequest>() as u32,
            flags: 0,
            method: text("GET"),
            url: borrowed(self.url.as_bytes()),
            headers: null(),
            header_count: 0,
            body: NONE,
            credential: NONE,
            quota: NONE,
            idempotency_key: NONE,
            quota_cost: 0,
            timeout_ms: 0,
        };
        let mut answer: HttpResponse = unsafe { std::mem::zeroed() };
        answer.struct_size = std::mem::size_of::<HttpResponse>() as u32;
        let status = unsafe { ((*(*self.host).http).send)(call, &request, &mut answer) };
        let result = if status != OK {
            Err(status)
        } else if answer.code == 200 {
            Ok(unsafe { bytes(answer.body) }.to_vec())
        } else {
            let passing = answer.code >= 500 || answer.code == 429;
            Err(self.fail(call, if passing { RETRY } else { CONFIG }, "the server does not give names.txt"))
        };
        if let Some(release) = answer.release {
            release(&mut answer);
        }
        result
    }
}

extern "C" fn check(raw: *mut c_void, call: *mut c_void) -> i32 {
    let this = unsafe { &*(raw as *const Instance) };
    this.get(call).err().unwrap_or(OK)
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"")
}

extern "C" fn read(raw: *mut c_void, call: *mut c_void, request: *const ReadRequest, out: *mut RecordSink) -> i32 {
    let this = unsafe { &*(raw as *const Instance) };
    let body = match this.get(call) {
        Ok(body) => body,
        Err(status) => return status,
    };
    let Ok(list) = String::from_utf8(body) else {
        return this.fail(call, DATA, "names.txt is not UTF-8");
    };
    let lines: Vec<&str> = list.lines().collect();
    for page in lines.chunks(100) {
        let mut bodies = Vec::new();
        let mut keys = Vec::new();
        for line in page {
            let Some((key, name)) = line.split_once('\t').filter(|(key, _)| !key.is_empty()) else {
                return this.fail(call, DATA, "a line of names.txt is not key, tab, name");
            };
            keys.push(key);
            bodies.push(format!("{{\"id\":\"{}\",\"name\":\"{}\"}}", escaped(key), escaped(name)));
        }
        let records: Vec<Record> = keys
            .iter()
            .zip(&bodies)
            .map(|(key, body)| Record {
                key: borrowed(key.as_bytes()),
                version: NONE,
                operation_id: NONE,
                body: borrowed(body.as_bytes()),
                base: NONE,
                changed_at_us: TIME_UNKNOWN,
                kind: UPSERT,
                reserved: 0,
            })
            .collect();
        let batch = Batch {
            struct_size: std::mem::size_of::<Batch>() as u32,
            record_stride: std::mem::size_of::<Record>() as u32,
            stream: unsafe { (*request).stream },
            records: records.as_ptr(),
            record_count: records.len(),
        };
        let status = unsafe { ((*out).emit)((*out).ctx, &batch) };
        if status != OK {
            return status;
        }
    }
    unsafe { ((*out).checkpoint)((*out).ctx, text("done")) }
}

static CONNECTOR: Connector = Connector {
    struct_size: std::mem::size_of::<Connector>() as u32,
    reserved: 0,
    describe,
    open,
    close,
    check,
    discover: null(),
    read,
    lookup: null(),
    find: null(),
    write: null(),
    handle_request: null(),
    authenticate: null(),
    interrupt: null(),
    listen: null(),
    extension: null(),
};

extern "C" fn connector(index: u32) -> *const Connector {
    if index == 0 { &CONNECTOR } else { null_mut() }
}

static PLUGIN: Plugin = Plugin {
    magic: MAGIC,
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_minor_built: 0,
    abi_minor_needed: 0,
    name: text("names"),
    version: text("1.0.0"),
    connector_count: 1,
    reserved: 0,
    connector,
};

#[no_mangle]
pub extern "C" fn huiliu_plugin_entry_v1() -> *const Plugin {
    &PLUGIN
}
