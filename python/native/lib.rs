//! `kilophone._native`: the C ABI of the core in Python types, nothing more. Option names, records
//! and exceptions belong to the Python side, which shares them with the wasm backend.

// Arguments come from Python by value.
#![allow(clippy::needless_pass_by_value)]

mod abi;

use std::cell::Cell;
use std::ffi::{CStr, c_char, c_void};
use std::ptr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// `(numbers, strings)`, as `_options.encode` makes it: those of `kp_options` in their order.
type EncodedOptions<'py> = ([u32; 10], [Option<Bound<'py, PyBytes>>; 4]);

/// `(status, output, index of the faulty text, byte of the fault in it)`.
type Answer<'py> = (abi::Status, Bound<'py, PyBytes>, usize, usize);

/// Bytes of output allowed for at first, for each byte of text; more costs a second call.
const OUTPUT_RATIO: usize = 4;
const ANALYSIS_RATIO: usize = 32;
/// An analysis is large: beyond this, a second call costs less than memory that is not used.
const ANALYSIS_GUESS_MAX: usize = 64 << 20;
/// Steps × outputs of one word, in floats: a dozen phonemes of a pack with 70 outputs.
const LOGITS_GUESS: usize = 1024;
/// Of a handful of pronunciations, in bytes.
const ALTERNATIVES_GUESS: usize = 2048;
/// Phonemes and end token of a word.
const RANKS_GUESS: usize = 128;

struct Open {
    transcriber: *mut abi::Transcriber,
    /// The core keeps pointers into the packs until `kp_close`.
    _packs: Vec<Py<PyBytes>>,
}

// SAFETY: a transcriber has no tie to the thread that opened it; it only must not be used by two
// threads at a time, which the mutex around it sees to.
unsafe impl Send for Open {}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: `transcriber` came from kp_open and is closed here only.
        unsafe { abi::kp_close(self.transcriber) }
    }
}

#[pyclass(frozen, module = "kilophone._native")]
struct Handle {
    open: Mutex<Option<Open>>,
}

/// What a call into the core left behind.
struct Outcome<T> {
    status: abi::Status,
    items: Vec<T>,
    fault: abi::Fault,
}

impl<T> Outcome<T> {
    fn failed(status: abi::Status) -> Self {
        Self { status, items: Vec::new(), fault: abi::Fault::default() }
    }
}

/// Options on the Rust side of the border: the slices live as long as the Python objects.
#[derive(Clone, Copy)]
struct BorrowedOptions<'a> {
    numbers: [u32; 10],
    strings: [Option<&'a [u8]>; 4],
}

impl<'a> BorrowedOptions<'a> {
    fn new(encoded: &'a EncodedOptions<'_>) -> Self {
        let (numbers, strings) = encoded;
        let bytes =
            |string: &'a Option<Bound<'_, PyBytes>>| string.as_ref().map(PyBytesMethods::as_bytes);
        Self { numbers: *numbers, strings: strings.each_ref().map(bytes) }
    }

    fn to_abi(self) -> abi::Options {
        let [
            format,
            stress,
            punctuation,
            unknown,
            written,
            homographs,
            weak_forms,
            sandhi,
            narrow,
            overrides,
        ] = self.numbers;
        let slice = |string: Option<&[u8]>| {
            string.map_or((ptr::null(), 0), |bytes| (bytes.as_ptr().cast(), bytes.len()))
        };
        let [
            (separator, separator_bytes),
            (language, language_bytes),
            (syllable_separator, syllable_separator_bytes),
            (word_separator, word_separator_bytes),
        ] = self.strings.map(slice);
        abi::Options {
            struct_bytes: struct_bytes::<abi::Options>(),
            format,
            stress,
            punctuation,
            unknown,
            reserved: 0,
            separator,
            separator_bytes,
            language,
            language_bytes,
            written,
            homographs,
            weak_forms,
            sandhi,
            narrow,
            overrides,
            syllable_separator,
            syllable_separator_bytes,
            word_separator,
            word_separator_bytes,
        }
    }
}

fn struct_bytes<T>() -> u32 {
    u32::try_from(size_of::<T>()).expect("the structs of the ABI are small")
}

impl Handle {
    fn lock(&self) -> MutexGuard<'_, Option<Open>> {
        // A panic elsewhere cannot have left the handle half changed.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `function(transcriber, out, capacity, &mut needed)` with room for `capacity` items,
    /// and once more with the room it asks for. Must be called detached from the interpreter:
    /// another thread may hold the lock for as long as its text takes.
    fn call<T>(
        &self,
        capacity: usize,
        function: impl Fn(*mut abi::Transcriber, *mut T, usize, &mut usize) -> abi::Status,
    ) -> Outcome<T> {
        let guard = self.lock();
        let Some(open) = guard.as_ref() else {
            return Outcome::failed(abi::KP_INVALID_ARGUMENT);
        };
        let mut items: Vec<T> = Vec::new();
        let mut needed = capacity;
        let mut status = abi::KP_OUT_OF_SPACE;
        for _ in 0..2 {
            if status != abi::KP_OUT_OF_SPACE {
                break;
            }
            if items.try_reserve_exact(needed).is_err() {
                return Outcome::failed(abi::KP_OUT_OF_MEMORY);
            }
            status = function(open.transcriber, items.as_mut_ptr(), items.capacity(), &mut needed);
        }
        let mut fault = abi::Fault::default();
        if status == abi::KP_OK {
            assert!(needed <= items.capacity(), "the core has written past its buffer");
            // SAFETY: the core has written `needed` items.
            unsafe { items.set_len(needed) };
        } else {
            // SAFETY: the transcriber is open, and `fault` outlives the call.
            unsafe { abi::kp_last_fault(open.transcriber, &raw mut fault) };
        }
        Outcome { status, items, fault }
    }

    /// Calls `function` on a text, with room for `capacity` numbers of output.
    fn call_on_text<'py, T: Plain, Out>(
        &self,
        py: Python<'py>,
        text: &Bound<'py, PyBytes>,
        options: &EncodedOptions<'py>,
        function: TextCall<Out>,
        capacity: usize,
    ) -> Answer<'py> {
        let (text, options) = (text.as_bytes(), BorrowedOptions::new(options));
        let outcome = py.detach(|| {
            let options = options.to_abi();
            self.call::<T>(capacity, |transcriber, out, capacity, out_count| {
                // SAFETY: every pointer is valid for the length given with it.
                unsafe {
                    function(
                        transcriber,
                        text.as_ptr().cast(),
                        text.len(),
                        &raw const options,
                        out.cast(),
                        capacity,
                        out_count,
                    )
                }
            })
        });
        answer(py, &outcome, size_of_val(outcome.items.as_slice()))
    }

    /// Calls `function(transcriber, options, out, capacity, &mut bytes)` for a record buffer.
    fn call_for_records<'py>(
        &self,
        py: Python<'py>,
        options: &EncodedOptions<'py>,
        capacity: usize,
        function: impl Fn(
            *mut abi::Transcriber,
            *const abi::Options,
            *mut c_void,
            usize,
            *mut usize,
        ) -> abi::Status
        + Sync,
    ) -> Answer<'py> {
        // Words of 32 bits, because the core wants its buffer aligned to them.
        let word = size_of::<u32>();
        let options = BorrowedOptions::new(options);
        let (outcome, bytes) = py.detach(|| {
            let options = options.to_abi();
            let bytes = Cell::new(0);
            let outcome =
                self.call::<u32>(capacity.div_ceil(word), |transcriber, out, words, out_words| {
                    let mut out_bytes = 0;
                    let status = function(
                        transcriber,
                        &raw const options,
                        out.cast(),
                        words * word,
                        &raw mut out_bytes,
                    );
                    bytes.set(out_bytes);
                    *out_words = out_bytes.div_ceil(word);
                    status
                });
            (outcome, bytes.get())
        });
        let written = if outcome.status == abi::KP_OK { bytes } else { 0 };
        answer(py, &outcome, written)
    }

    /// Calls `function(transcriber, options)` for what has no output; gives the byte of a fault.
    fn call_without_output(
        &self,
        py: Python<'_>,
        options: &EncodedOptions<'_>,
        function: impl Fn(*mut abi::Transcriber, *const abi::Options) -> abi::Status + Sync,
    ) -> (abi::Status, usize) {
        let options = BorrowedOptions::new(options);
        let outcome = py.detach(|| {
            let options = options.to_abi();
            self.call::<u8>(0, |transcriber, _, _, needed| {
                *needed = 0;
                function(transcriber, &raw const options)
            })
        });
        (outcome.status, outcome.fault.position)
    }
}

/// What the calls on one text have in common; `Out` is what they write.
type TextCall<Out> = unsafe extern "C" fn(
    *mut abi::Transcriber,
    *const c_char,
    usize,
    *const abi::Options,
    *mut Out,
    usize,
    *mut usize,
) -> abi::Status;

/// A plain number, whose bytes may be handed to Python.
trait Plain: Copy + Send {}
impl Plain for u8 {}
impl Plain for u32 {}
impl Plain for f32 {}

fn answer<'py, T: Plain>(py: Python<'py>, outcome: &Outcome<T>, bytes: usize) -> Answer<'py> {
    // SAFETY: numbers have no padding, `items` holds at least `bytes` bytes of them.
    let view = unsafe { std::slice::from_raw_parts(outcome.items.as_ptr().cast::<u8>(), bytes) };
    (outcome.status, PyBytes::new(py, view), outcome.fault.text, outcome.fault.position)
}

fn output_guess(text_bytes: usize) -> usize {
    text_bytes.saturating_mul(OUTPUT_RATIO).saturating_add(64)
}

#[pymethods]
impl Handle {
    /// Of the numbers in analyses and logits, in the words of `sys.byteorder`.
    #[classattr]
    fn byte_order() -> &'static str {
        if cfg!(target_endian = "little") { "little" } else { "big" }
    }

    fn transcribe<'py>(
        &self,
        py: Python<'py>,
        text: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        let capacity = output_guess(text.as_bytes().len());
        self.call_on_text::<u8, _>(py, text, &options, abi::kp_transcribe, capacity)
    }

    fn normalize<'py>(
        &self,
        py: Python<'py>,
        text: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        let capacity = output_guess(text.as_bytes().len());
        self.call_on_text::<u8, _>(py, text, &options, abi::kp_normalize, capacity)
    }

    /// `(status, output, bytes consumed, byte of the fault)`.
    fn transcribe_part<'py>(
        &self,
        py: Python<'py>,
        text: &Bound<'py, PyBytes>,
        is_first: bool,
        is_last: bool,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        let capacity = output_guess(text.as_bytes().len());
        let (text, options) = (text.as_bytes(), BorrowedOptions::new(&options));
        let (outcome, consumed) = py.detach(|| {
            let options = options.to_abi();
            let consumed = Cell::new(0);
            let outcome = self.call::<u8>(capacity, |transcriber, out, capacity, out_bytes| {
                // SAFETY: every pointer is valid for the length given with it.
                unsafe {
                    abi::kp_transcribe_part(
                        transcriber,
                        text.as_ptr().cast(),
                        text.len(),
                        is_first.into(),
                        is_last.into(),
                        &raw const options,
                        out.cast(),
                        capacity,
                        out_bytes,
                        consumed.as_ptr(),
                    )
                }
            });
            (outcome, consumed.get())
        });
        let (status, output, _, position) = answer(py, &outcome, outcome.items.len());
        (status, output, consumed, position)
    }

    fn transcribe_many<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Bound<'py, PyBytes>>,
        options: EncodedOptions<'py>,
    ) -> (abi::Status, Bound<'py, PyBytes>, Vec<usize>, usize, usize) {
        let slices: Vec<&[u8]> = texts.iter().map(PyBytesMethods::as_bytes).collect();
        let options = BorrowedOptions::new(&options);
        let (outcome, ends) = py.detach(|| {
            let options = options.to_abi();
            let pointers: Vec<_> = slices.iter().map(|text| text.as_ptr().cast()).collect();
            let lens: Vec<usize> = slices.iter().map(|text| text.len()).collect();
            let text_bytes: usize = lens.iter().sum();
            let mut ends = vec![0_usize; slices.len()];
            let ends_out = ends.as_mut_ptr();
            let guess = output_guess(text_bytes);
            let outcome = self.call::<u8>(guess, |transcriber, out, capacity, out_bytes| {
                // SAFETY: every pointer is valid for the length given with it; `ends_out` is that
                // of a vector of `lens.len()` entries.
                unsafe {
                    abi::kp_transcribe_many(
                        transcriber,
                        pointers.as_ptr(),
                        lens.as_ptr(),
                        lens.len(),
                        &raw const options,
                        out.cast(),
                        capacity,
                        ends_out,
                        out_bytes,
                    )
                }
            });
            (outcome, ends)
        });
        let (status, output, text, position) = answer(py, &outcome, outcome.items.len());
        (status, output, ends, text, position)
    }

    fn analyze<'py>(
        &self,
        py: Python<'py>,
        text: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        let text = text.as_bytes();
        let capacity = text.len().saturating_mul(ANALYSIS_RATIO).min(ANALYSIS_GUESS_MAX) + 1024;
        self.call_for_records(py, &options, capacity, |transcriber, options, out, room, bytes| {
            // SAFETY: every pointer is valid for the length given with it.
            unsafe {
                abi::kp_analyze(
                    transcriber,
                    text.as_ptr().cast(),
                    text.len(),
                    options,
                    out,
                    room,
                    bytes,
                )
            }
        })
    }

    fn alternatives<'py>(
        &self,
        py: Python<'py>,
        word: &Bound<'py, PyBytes>,
        count: usize,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        let word = word.as_bytes();
        let capacity = ALTERNATIVES_GUESS;
        self.call_for_records(py, &options, capacity, |transcriber, options, out, room, bytes| {
            // SAFETY: every pointer is valid for the length given with it.
            unsafe {
                abi::kp_alternatives(
                    transcriber,
                    word.as_ptr().cast(),
                    word.len(),
                    count,
                    options,
                    out,
                    room,
                    bytes,
                )
            }
        })
    }

    fn word_logits<'py>(
        &self,
        py: Python<'py>,
        word: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> Answer<'py> {
        self.call_on_text::<f32, _>(py, word, &options, abi::kp_word_logits, LOGITS_GUESS)
    }

    /// `(status, [(rank, lead)], byte of the fault)`.
    fn word_ranks<'py>(
        &self,
        py: Python<'py>,
        word: &Bound<'py, PyBytes>,
        spelling: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> (abi::Status, Vec<(u32, f32)>, usize) {
        let (word, spelling) = (word.as_bytes(), spelling.as_bytes());
        let options = BorrowedOptions::new(&options);
        let outcome = py.detach(|| {
            let options = options.to_abi();
            self.call::<abi::Rank>(RANKS_GUESS, |transcriber, out, capacity, out_count| {
                // SAFETY: every pointer is valid for the length given with it.
                unsafe {
                    abi::kp_word_ranks(
                        transcriber,
                        word.as_ptr().cast(),
                        word.len(),
                        spelling.as_ptr().cast(),
                        spelling.len(),
                        &raw const options,
                        out,
                        capacity,
                        out_count,
                    )
                }
            })
        });
        let ranks = outcome.items.iter().map(|step| (step.rank, step.lead)).collect();
        (outcome.status, ranks, outcome.fault.position)
    }

    /// `(status, byte of the fault)`.
    fn lexicon_add<'py>(
        &self,
        py: Python<'py>,
        word: &Bound<'py, PyBytes>,
        spelling: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> (abi::Status, usize) {
        let (word, spelling) = (word.as_bytes(), spelling.as_bytes());
        self.call_without_output(py, &options, |transcriber, options| {
            // SAFETY: every pointer is valid for the length given with it.
            unsafe {
                abi::kp_lexicon_add(
                    transcriber,
                    word.as_ptr().cast(),
                    word.len(),
                    spelling.as_ptr().cast(),
                    spelling.len(),
                    options,
                )
            }
        })
    }

    /// `(status, words added, byte of the fault)`.
    fn lexicon_load<'py>(
        &self,
        py: Python<'py>,
        lines: &Bound<'py, PyBytes>,
        options: EncodedOptions<'py>,
    ) -> (abi::Status, usize, usize) {
        let lines = lines.as_bytes();
        let count = AtomicUsize::new(0);
        let (status, position) = self.call_without_output(py, &options, |transcriber, options| {
            // SAFETY: every pointer is valid for the length given with it.
            unsafe {
                abi::kp_lexicon_load(
                    transcriber,
                    lines.as_ptr().cast(),
                    lines.len(),
                    options,
                    count.as_ptr(),
                )
            }
        });
        (status, count.into_inner(), position)
    }

    /// The status alone.
    fn lexicon_clear(&self, py: Python<'_>) -> abi::Status {
        py.detach(|| match self.lock().as_ref() {
            None => abi::KP_INVALID_ARGUMENT,
            Some(open) => {
                // SAFETY: the transcriber is open.
                unsafe { abi::kp_lexicon_clear(open.transcriber) };
                abi::KP_OK
            }
        })
    }

    /// Waits for a call that another thread is in; closing twice is allowed.
    fn close(&self, py: Python<'_>) {
        drop(py.detach(|| self.lock().take()));
    }
}

/// Opens a transcriber; no packs: those embedded in the library.
#[pyfunction]
fn open_transcriber(
    py: Python<'_>,
    packs: Vec<Bound<'_, PyBytes>>,
    kernels: u32,
    cache_words: u32,
    lexicon_bytes: u32,
) -> (abi::Status, Option<Handle>) {
    let slices: Vec<&[u8]> = packs.iter().map(PyBytesMethods::as_bytes).collect();
    let keep: Vec<Py<PyBytes>> = packs.iter().map(|pack| pack.clone().unbind()).collect();
    let (status, open) = py.detach(|| {
        let pointers: Vec<*const u8> = slices.iter().map(|pack| pack.as_ptr()).collect();
        let lens: Vec<usize> = slices.iter().map(|pack| pack.len()).collect();
        let limits = abi::Limits {
            struct_bytes: struct_bytes::<abi::Limits>(),
            kernels,
            cache_words,
            lexicon_bytes,
        };
        let mut transcriber = ptr::null_mut();
        // SAFETY: `pointers` and `lens` have `lens.len()` entries; the packs are immutable and
        // kept alive in `Open` for as long as the transcriber is.
        let status = unsafe {
            abi::kp_open(
                pointers.as_ptr(),
                lens.as_ptr(),
                lens.len(),
                &raw const limits,
                &raw mut transcriber,
            )
        };
        let open = (status == abi::KP_OK && !transcriber.is_null())
            .then_some(Open { transcriber, _packs: keep });
        (status, open)
    });
    (status, open.map(|open| Handle { open: Mutex::new(Some(open)) }))
}

fn static_str(text: *const std::ffi::c_char) -> String {
    // SAFETY: only called with the core's static strings, which end in a NUL.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// The version of the core, `kp_version()`.
#[pyfunction]
fn version() -> String {
    // SAFETY: takes and keeps nothing.
    static_str(unsafe { abi::kp_version() })
}

/// A sentence for a status, `kp_status_message()`.
#[pyfunction]
fn status_message(status: abi::Status) -> String {
    // SAFETY: any number is allowed.
    static_str(unsafe { abi::kp_status_message(status) })
}

// A handle is locked around every call and the core has no other state, so the module is safe
// without a global interpreter lock.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::{Handle, open_transcriber, status_message, version};

    #[pymodule_export]
    #[allow(non_upper_case_globals)]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
