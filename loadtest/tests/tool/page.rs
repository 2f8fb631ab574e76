//! Whether a page stands by itself: no reference to anything else, no script, and every element closed.

/// Elements that have no end.
const WITHOUT_END: [&str; 2] = ["meta", "!doctype"];

/// Panics where it does not.
#[track_caller]
pub fn is_whole_by_itself(page: &str) {
    for word in ["src=", "href=", "<script", "<link", "@import", "url(", "<iframe", "<img", "xmlns"] {
        assert!(!page.contains(word), "{word}");
    }
    // The command is text, and may name the engine.
    let (_, style_and_more) = page.split_once("<style>").unwrap();
    let (before, after) = style_and_more.split_once("<pre>").unwrap();
    let after = after.split_once("</pre>").unwrap().1;
    assert!(!before.contains("http") && !after.contains("http"));
    assert_eq!(unbalanced(page), Vec::<String>::new());
}

/// What was opened and not closed, or closed and not open.
fn unbalanced(page: &str) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if tag.ends_with('/') || WITHOUT_END.contains(&name) {
            continue;
        }
        match tag.strip_prefix('/') {
            None => open.push(name),
            Some(_) if open.last() == Some(&name) => drop(open.pop()),
            Some(_) => faults.push(format!("</{name}> in {:?}", open.last())),
        }
    }
    faults.extend(open.into_iter().map(str::to_owned));
    faults
}

#[test]
fn an_element_left_open_is_found() {
    assert_eq!(unbalanced("<!doctype html><p><b>x</b></p><path d=\"\"/>"), Vec::<String>::new());
    assert_eq!(unbalanced("<p><b>x</p>").len(), 3);
}
