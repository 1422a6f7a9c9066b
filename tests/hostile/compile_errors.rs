//! A program with 4,096 errors, whose text is some megabytes.
macro_rules! four {
    ($($t:tt)*) => { $($t)* $($t)* $($t)* $($t)* };
}
macro_rules! many {
    () => { four! { let _: u8 = "a text where a number is to stand, which the compiler quotes"; } };
}
fn main() {
    four! { four! { four! { four! { four! { many!(); } } } } }
}
