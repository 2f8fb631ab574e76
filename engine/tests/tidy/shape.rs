//! How a file begins, how long it is, how long its functions are.

use super::tree::File;

/// What the first line of a file that was generated says. Such a file is as long as it is.
const GENERATED: &str = "enerated";

/// The fault of a file that does not begin with what it is for.
pub fn beginning(file: &File) -> Option<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let says = match file.path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("rs") => first.starts_with("//! ") && first.len() > 12,
        Some("html") => first.starts_with("<!"),
        Some(_) | None => first.starts_with("//") || first.starts_with("/*"),
    };
    (!says).then(|| format!("{}:1: does not say what the file is for", file.path))
}

/// Files and functions that are too long.
pub fn lengths(file: &File, file_max: usize, function_max: usize) -> Vec<String> {
    let lines: Vec<&str> = file.text.lines().collect();
    if lines.first().is_some_and(|line| line.contains(GENERATED)) {
        return Vec::new();
    }
    let mut faults = Vec::new();
    if lines.len() > file_max {
        faults.push(format!("{}: {} lines, at most {file_max}", file.path, lines.len()));
    }
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| begins_function(line)) {
        let length = length(&lines[index..], line);
        if length > function_max {
            faults.push(format!("{}:{}: a function of {length} lines, at most {function_max}", file.path, index + 1));
        }
    }
    faults
}

fn begins_function(line: &str) -> bool {
    let mut words = line.trim_start().split(' ');
    let qualifier = |word: &&str| {
        matches!(*word, "pub" | "async" | "const" | "unsafe" | "export" | "default" | "extern" | "\"C\"")
            || word.starts_with("pub(")
    };
    matches!(words.find(|word| !qualifier(word)), Some("fn" | "function"))
}

/// To the brace that closes it, which stands as far in as the line it begins with; formatted source is so.
fn length(lines: &[&str], first: &str) -> usize {
    let indent = &first[..first.len() - first.trim_start().len()];
    if first.ends_with('}') || first.ends_with(';') {
        return 1;
    }
    let close = format!("{indent}}}");
    lines.iter().position(|line| line.starts_with(&close)).map_or(1, |at| at + 1)
}
