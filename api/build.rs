//! Builds the server anew when the panel was built anew: its pages are carried inside the binary.

fn main() {
    println!("cargo:rerun-if-changed=../panel/dist");
}
