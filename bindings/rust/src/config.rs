use crate::error::{check, make, text_in};
use crate::{ffi, Result};
use std::ptr::{null, NonNull};

/// Options: names and values of docs/options.md.
pub struct Config {
    handle: NonNull<ffi::rmq_config_t>,
}

// SAFETY: a config belongs to one thread at a time, which `&mut self` of its setters ensures.
unsafe impl Send for Config {}

impl Config {
    /// All options at their defaults.
    pub fn new() -> Result<Config> {
        // SAFETY: absent text, and two slots to fill.
        make(|config, error| unsafe { ffi::rmq_config_new(null(), 0, config, error) }).map(|handle| Config { handle })
    }

    /// Sets some options: `Config::with(&[("producer_group", "orders")])`.
    pub fn with(options: &[(&str, &str)]) -> Result<Config> {
        let mut config = Config::new()?;
        for (name, value) in options {
            config.set(name, value)?;
        }
        Ok(config)
    }

    /// Sets one option.
    pub fn set(&mut self, name: &str, value: &str) -> Result<&mut Config> {
        let ((name, name_bytes), (value, value_bytes)) = (text_in(name), text_in(value));
        // SAFETY: the handle lives and the texts are readable.
        check(|error| unsafe {
            ffi::rmq_config_set(self.handle.as_ptr(), name, name_bytes, value, value_bytes, error)
        })?;
        Ok(self)
    }

    /// Sets options from the environment: ROCKETMQ_ and the name in capitals, and NAMESRV_ADDR.
    pub fn load_environment(&mut self) -> Result<&mut Config> {
        // SAFETY: the handle lives.
        check(|error| unsafe { ffi::rmq_config_load_environment(self.handle.as_ptr(), error) })?;
        Ok(self)
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
