//! The calls of `bindings-c/include/kilophone.h` that `abi.rs` does not declare.

use std::ffi::{c_char, c_void};

use crate::abi::{Options, Status, Transcriber};

/// `kp_rank`: how the model ranks a phoneme of a spelling.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Rank {
    pub rank: u32,
    pub lead: f32,
}

unsafe extern "C" {
    pub fn kp_normalize(
        transcriber: *mut Transcriber,
        text: *const c_char,
        text_bytes: usize,
        options: *const Options,
        out: *mut c_char,
        out_capacity: usize,
        out_bytes: *mut usize,
    ) -> Status;
    pub fn kp_transcribe_part(
        transcriber: *mut Transcriber,
        text: *const c_char,
        text_bytes: usize,
        is_first: u32,
        is_last: u32,
        options: *const Options,
        out: *mut c_char,
        out_capacity: usize,
        out_bytes: *mut usize,
        out_consumed: *mut usize,
    ) -> Status;
    pub fn kp_alternatives(
        transcriber: *mut Transcriber,
        word: *const c_char,
        word_bytes: usize,
        count: usize,
        options: *const Options,
        out: *mut c_void,
        out_capacity: usize,
        out_bytes: *mut usize,
    ) -> Status;
    pub fn kp_lexicon_add(
        transcriber: *mut Transcriber,
        word: *const c_char,
        word_bytes: usize,
        spelling: *const c_char,
        spelling_bytes: usize,
        options: *const Options,
    ) -> Status;
    pub fn kp_lexicon_load(
        transcriber: *mut Transcriber,
        lines: *const c_char,
        lines_bytes: usize,
        options: *const Options,
        out_count: *mut usize,
    ) -> Status;
    pub fn kp_lexicon_clear(transcriber: *mut Transcriber);
    pub fn kp_word_ranks(
        transcriber: *mut Transcriber,
        word: *const c_char,
        word_bytes: usize,
        spelling: *const c_char,
        spelling_bytes: usize,
        options: *const Options,
        out: *mut Rank,
        out_capacity: usize,
        out_count: *mut usize,
    ) -> Status;
}
