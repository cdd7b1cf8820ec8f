//! Says where the library is: ROCKETMQ_C_LIB_DIR, else what pkg-config knows, else the linker's usual places.

use std::env;
use std::process::Command;

fn library_folder() -> Option<String> {
    println!("cargo:rerun-if-env-changed=ROCKETMQ_C_LIB_DIR");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    if let Ok(folder) = env::var("ROCKETMQ_C_LIB_DIR") {
        return Some(folder);
    }
    let output = Command::new("pkg-config")
        .args(["--variable=libdir", "rocketmq_c"])
        .output()
        .ok()?;
    let folder = String::from_utf8(output.stdout).ok()?.trim().to_string();
    (output.status.success() && !folder.is_empty()).then_some(folder)
}

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if let Some(folder) = library_folder() {
        println!("cargo:rustc-link-search=native={folder}");
    }
    println!("cargo:rustc-link-lib=dylib=rocketmq_c");
    if env::var_os("CARGO_FEATURE_TESTBROKER").is_some() {
        println!("cargo:rustc-link-lib=dylib=rocketmq_testbroker"); // installed beside the library
    }
}
