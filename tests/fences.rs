//! Every way to get a fence wrong is named with its file and line.

use lab::source::{parse, parse_annotated};

/// The errors as they are printed.
fn errors(text: &str) -> Vec<String> {
    let errors = match parse("src/bin/x.rs", text) {
        Ok(_) => parse_annotated("src/bin/x.rs", text).err(),
        Err(errors) => Some(errors),
    };
    errors.unwrap_or_default().iter().map(ToString::to_string).collect()
}

/// A sound gap, four lines long.
fn gap(name: &str) -> String {
    format!(
        "// ==== fill in here: {name} ====\n//| todo!(\"{name}\");\n{name}();\n\
         // ==== end: {name} ====\n"
    )
}

#[test]
fn sound_fences_are_taken_apart_and_put_together_again() {
    let text = format!("fn main() {{\n{}    // between\n{}}}\n", gap("bind"), gap("accept-2"));
    assert_eq!(errors(&text), [""; 0]);
    let source = parse("x.rs", &text).expect("it is sound");
    assert_eq!(source.gaps[1].name, "accept-2");
    assert_eq!(source.gaps[1].line, 7);
    assert_eq!(source.with_bodies(|gap| &gap.body), text);
}

#[test]
fn a_gap_inside_a_gap() {
    let text = gap("bind").replace("bind();\n", &gap("accept"));
    let expected = "src/bin/x.rs:2: the line \"// ==== end: bind ====\" is missing; it belongs below \
                    your lines, which begin here, and before gap accept, which begins at line 3";
    assert_eq!(errors(&text)[0], expected);
}

#[test]
fn a_gap_without_an_end() {
    let text = "fn main() {}\n// ==== fill in here: bind ====\n//| todo!(\"bind\");\n";
    let expected = "src/bin/x.rs:3: the line \"// ==== end: bind ====\" is missing; it belongs below \
                    your lines, which begin here";
    assert_eq!(errors(text), [expected]);
}

#[test]
fn an_end_with_another_name() {
    let text = gap("bind").replace("end: bind", "end: accept");
    assert_eq!(errors(&text), ["src/bin/x.rs:4: this ends gap accept, but gap bind is open"]);
}

#[test]
fn an_end_without_a_begin() {
    let text = gap("bind") + "// ==== end: accept ====\n";
    assert_eq!(errors(&text), ["src/bin/x.rs:5: this ends gap accept, which has not begun"]);
}

#[test]
fn two_gaps_of_one_name() {
    let text = gap("bind") + &gap("bind");
    let expected = "src/bin/x.rs:5: a second gap bind; the first is at line 1: each needs its own \
                    name";
    assert_eq!(errors(&text), [expected]);
}

#[test]
fn a_line_that_looks_like_a_fence_and_is_none() {
    for line in [
        "// ==== fill in: bind ====",
        "// ==== fill in here: Bind ====",
        "// ==== fill in here: ====",
        "// ==== end: bind",
        "//==== end: bind ====",
        "let _ = 1; // ==== end: bind ====",
    ] {
        let errors = errors(&format!("fn main() {{}}\n{line}\n"));
        assert_eq!(errors.len(), 1, "{line}: {errors:?}");
        assert!(errors[0].starts_with("src/bin/x.rs:2: not a fence: expected \"// ==== "));
    }
}

#[test]
fn every_error_of_a_file_is_named_at_once() {
    let text = "// ==== end: bind ====\n// ==== what? ====\n// ==== fill in here: x ====\n";
    assert_eq!(errors(text).len(), 3);
}

#[test]
fn a_gap_that_leaves_nothing_to_fill_in() {
    let text = gap("bind").replace("//| todo!(\"bind\");\n", "");
    let expected = "src/bin/x.rs:1: gap bind needs a line \"//| … todo!(\"bind\") …\"";
    assert_eq!(errors(&text), [expected]);
}

#[test]
fn a_gap_without_a_solution() {
    let text = gap("bind").replace("bind();\n", "");
    assert_eq!(errors(&text), ["src/bin/x.rs:1: gap bind has no code of its own"]);
}

#[test]
fn a_skeleton_s_line_outside_every_gap() {
    let text = gap("bind") + "//| todo!(\"bind\");\n";
    assert_eq!(errors(&text), ["src/bin/x.rs:5: a line \"//|\" outside every gap"]);
}
