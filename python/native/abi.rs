//! The C ABI of the core: `bindings-c/include/kilophone.h`.
//! Generated from abi/abi.toml and abi/abi.rs.in; edit those.

#![allow(dead_code)] // all statuses are here, whether lib.rs needs them or not

use std::ffi::{c_char, c_int, c_void};

pub type Status = c_int;

pub const KP_OK: Status = 0;
pub const KP_OUT_OF_SPACE: Status = 1;
pub const KP_INVALID_UTF8: Status = 2;
pub const KP_UNKNOWN_CHARACTER: Status = 3;
pub const KP_UNKNOWN_LANGUAGE: Status = 4;
pub const KP_UNSUPPORTED_FORMAT: Status = 5;
pub const KP_INVALID_ARGUMENT: Status = 6;
pub const KP_OUT_OF_MEMORY: Status = 7;
pub const KP_LIMIT_EXCEEDED: Status = 8;
pub const KP_PACK_TRUNCATED: Status = 9;
pub const KP_PACK_CORRUPT: Status = 10;
pub const KP_PACK_NEWER: Status = 11;
pub const KP_PACK_LANGUAGE: Status = 12;
pub const KP_UNSUPPORTED_KERNELS: Status = 13;
pub const KP_INVALID_SPELLING: Status = 14;
pub const KP_INVALID_LEXICON: Status = 15;

#[repr(C)]
pub struct Transcriber {
    _opaque: [u8; 0],
}

#[repr(C)]
pub struct Options {
    pub struct_bytes: u32,
    pub format: u32,
    pub stress: u32,
    pub punctuation: u32,
    pub unknown: u32,
    pub reserved: u32,
    pub separator: *const c_char,
    pub separator_bytes: usize,
    pub language: *const c_char,
    pub language_bytes: usize,
    pub written: u32,
    pub homographs: u32,
    pub weak_forms: u32,
    pub sandhi: u32,
    pub narrow: u32,
    pub overrides: u32,
    pub syllable_separator: *const c_char,
    pub syllable_separator_bytes: usize,
    pub word_separator: *const c_char,
    pub word_separator_bytes: usize,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Limits {
    pub struct_bytes: u32,
    pub kernels: u32,
    pub cache_words: u32,
    pub lexicon_bytes: u32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Fault {
    pub text: usize,
    pub position: usize,
}

unsafe extern "C" {
    pub fn kp_open(
        packs: *const *const u8,
        lens: *const usize,
        count: usize,
        limits: *const Limits,
        out: *mut *mut Transcriber,
    ) -> Status;
    pub fn kp_close(transcriber: *mut Transcriber);
    pub fn kp_transcribe(
        transcriber: *mut Transcriber,
        text: *const c_char,
        text_bytes: usize,
        options: *const Options,
        out: *mut c_char,
        out_capacity: usize,
        out_bytes: *mut usize,
    ) -> Status;
    pub fn kp_transcribe_many(
        transcriber: *mut Transcriber,
        texts: *const *const c_char,
        text_bytes: *const usize,
        count: usize,
        options: *const Options,
        out: *mut c_char,
        out_capacity: usize,
        out_ends: *mut usize,
        out_bytes: *mut usize,
    ) -> Status;
    pub fn kp_analyze(
        transcriber: *mut Transcriber,
        text: *const c_char,
        text_bytes: usize,
        options: *const Options,
        out: *mut c_void,
        out_capacity: usize,
        out_bytes: *mut usize,
    ) -> Status;
    pub fn kp_word_logits(
        transcriber: *mut Transcriber,
        text: *const c_char,
        text_bytes: usize,
        options: *const Options,
        out: *mut f32,
        out_capacity_floats: usize,
        out_floats: *mut usize,
    ) -> Status;
    pub fn kp_last_fault(transcriber: *const Transcriber, out: *mut Fault);
    pub fn kp_version() -> *const c_char;
    pub fn kp_status_message(status: Status) -> *const c_char;
}
