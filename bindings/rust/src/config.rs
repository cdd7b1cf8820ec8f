use crate::codes::{Code, LoadSource, OptionOwner};
use crate::error::{check, make, optional_text_in, text_in, text_out};
use crate::{ffi, Error, Result};
use std::mem::{size_of, zeroed};
use std::os::raw::c_char;
use std::ptr::{null, null_mut, NonNull};

/// Options: names and values of docs/options.md. One config may serve a runtime, its producers and its consumers.
pub struct Config {
    handle: NonNull<ffi::rmq_config_t>,
}

// SAFETY: a config belongs to one thread at a time, which `&mut self` of its setters ensures.
unsafe impl Send for Config {}

// SAFETY of the calls below: the handle lives, and texts are readable or absent.
impl Config {
    /// All options at their defaults.
    pub fn new() -> Result<Config> {
        Config::make(None)
    }

    /// A predefined set: "high_throughput", "low_latency" or "low_memory".
    pub fn predefined(name: &str) -> Result<Config> {
        Config::make(Some(name))
    }

    fn make(predefined: Option<&str>) -> Result<Config> {
        let (name, name_bytes) = optional_text_in(predefined);
        make(|config, error| unsafe { ffi::rmq_config_new(name, name_bytes, config, error) })
            .map(|handle| Config { handle })
    }

    /// Sets some options: `Config::with(&[("producer_group", "orders")])`.
    pub fn with(options: &[(&str, &str)]) -> Result<Config> {
        let mut config = Config::new()?;
        for (name, value) in options {
            config.set(name, value)?;
        }
        Ok(config)
    }

    /// Makes an independent copy.
    pub fn copy(&self) -> Result<Config> {
        NonNull::new(unsafe { ffi::rmq_config_copy(self.handle.as_ptr()) })
            .map(|handle| Config { handle })
            .ok_or_else(|| Error::take(Code::MEMORY.0, null_mut()))
    }

    /// Sets one option.
    pub fn set(&mut self, name: &str, value: &str) -> Result<&mut Config> {
        self.put(name, Some(value))
    }

    /// Takes one option back to its default.
    pub fn reset(&mut self, name: &str) -> Result<&mut Config> {
        self.put(name, None)
    }

    fn put(&mut self, name: &str, value: Option<&str>) -> Result<&mut Config> {
        let ((name, name_bytes), (value, value_bytes)) = (text_in(name), optional_text_in(value));
        check(|error| unsafe {
            ffi::rmq_config_set(self.handle.as_ptr(), name, name_bytes, value, value_bytes, error)
        })?;
        Ok(self)
    }

    /// Reads one option as text, secrets as "***"; `None` when it is not set and has no default.
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        let ((name, name_bytes), mut value, mut value_bytes) = (text_in(name), null(), 0);
        check(|error| unsafe {
            ffi::rmq_config_get(
                self.handle.as_ptr(),
                name,
                name_bytes,
                &mut value,
                &mut value_bytes,
                error,
            )
        })?;
        Ok(unsafe { copied(value, value_bytes) })
    }

    /// Sets options from the environment: ROCKETMQ_ and the name in capitals, and NAMESRV_ADDR.
    pub fn load_environment(&mut self) -> Result<&mut Config> {
        self.load(LoadSource::ENVIRONMENT, None)
    }

    /// Sets options from lines `name = value`, all or none.
    pub fn load_text(&mut self, lines: &str) -> Result<&mut Config> {
        self.load(LoadSource::TEXT, Some(lines))
    }

    /// Sets options from a file of such lines.
    pub fn load_file(&mut self, path: &str) -> Result<&mut Config> {
        self.load(LoadSource::FILE, Some(path))
    }

    fn load(&mut self, source: LoadSource, text: Option<&str>) -> Result<&mut Config> {
        let (text, text_bytes) = optional_text_in(text);
        check(|error| unsafe { ffi::rmq_config_load(self.handle.as_ptr(), source.0, text, text_bytes, error) })?;
        Ok(self)
    }

    /// Describes all options.
    pub fn options() -> impl Iterator<Item = OptionDescription> {
        (0..).map_while(|index| unsafe {
            let mut view: ffi::rmq_option_view_t = zeroed(); // numbers and pointers
            let code = ffi::rmq_config_describe(index, &mut view, size_of::<ffi::rmq_option_view_t>());
            (code == ffi::RMQ_OK).then(|| OptionDescription::of(&view))
        })
    }

    pub(crate) fn pointer(config: Option<&Config>) -> *const ffi::rmq_config_t {
        config.map_or(null(), |config| config.handle.as_ptr())
    }
}

impl Drop for Config {
    fn drop(&mut self) {
        // SAFETY: owned.
        unsafe { ffi::rmq_config_destroy(self.handle.as_ptr()) }
    }
}

/// # Safety
/// `text` is null or readable.
unsafe fn copied(text: *const c_char, bytes: usize) -> Option<String> {
    text_out(text, bytes).map(|text| text.into_owned())
}

/// What docs/options.md says of one option.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OptionDescription {
    /// The name.
    pub name: String,
    /// "boolean", "integer", "duration", "size", "text", "secret", "choice" and others.
    pub kind: String,
    /// "ms", "bytes", "MiB".
    pub unit: Option<String>,
    /// The value when nobody sets it.
    pub default_value: Option<String>,
    /// The option in one sentence.
    pub sentence: String,
    /// The words of a choice, separated by "|".
    pub choices: Option<String>,
    /// The smallest number or length.
    pub minimum: i64,
    /// The largest number or length.
    pub maximum: i64,
    /// Who takes it: a sum.
    pub owners: OptionOwner,
    /// Those whose update takes it.
    pub live_owners: OptionOwner,
    /// It reads as "***".
    pub is_secret: bool,
    /// No file and no environment sets it.
    pub is_code_only: bool,
}

impl OptionDescription {
    /// # Safety
    /// The texts of the view are readable.
    unsafe fn of(view: &ffi::rmq_option_view_t) -> OptionDescription {
        OptionDescription {
            name: copied(view.name, view.name_bytes).unwrap_or_default(),
            kind: copied(view.kind, view.kind_bytes).unwrap_or_default(),
            unit: copied(view.unit, view.unit_bytes),
            default_value: copied(view.default_value, view.default_value_bytes),
            sentence: copied(view.sentence, view.sentence_bytes).unwrap_or_default(),
            choices: copied(view.choices, view.choices_bytes),
            minimum: view.minimum,
            maximum: view.maximum,
            owners: OptionOwner(view.owners),
            live_owners: OptionOwner(view.live_owners),
            is_secret: view.is_secret != 0,
            is_code_only: view.is_code_only != 0,
        }
    }
}
