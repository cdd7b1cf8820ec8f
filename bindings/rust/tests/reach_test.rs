//! Everything that the header has is reached by what is written by hand.

use std::fs;
use std::path::Path;

/// Functions that the upper layer does without, and why.
const NOT_CALLED: [(&str, &str); 2] = [
    (
        "rmq_error_code",
        "the call, the event and the view of an error tell its code",
    ),
    ("rmq_error_message", "rmq_error_view tells it with all the rest"),
];

fn code_of(folder: &Path) -> String {
    let mut code = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().map_or(true, |extension| extension != "rs") || path.ends_with("codes.rs") {
            continue;
        }
        for line in fs::read_to_string(path).unwrap().lines() {
            code.push_str(line.split("//").next().unwrap());
            code.push('\n');
        }
    }
    code
}

#[test]
fn every_function_is_reachable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = code_of(&root.join("src"));
    let listed = fs::read_to_string(root.join("../../tests/abi/symbols.txt")).unwrap();
    let symbols: Vec<_> = listed
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(symbols.len() >= 80, "{} symbols", symbols.len());
    let wrong: Vec<_> = symbols
        .iter()
        .filter(|symbol| {
            let is_called = code.contains(&format!("ffi::{symbol}("));
            let is_exception = NOT_CALLED.iter().any(|(name, _)| name == *symbol);
            is_called == is_exception
        })
        .collect();
    assert!(wrong.is_empty(), "neither called nor an exception, or both: {wrong:?}");
}
