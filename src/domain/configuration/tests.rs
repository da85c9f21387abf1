//! scratch
use super::*;
#[test]
fn scratch() {
    let dir = std::path::Path::new("/tmp/confcases");
    let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    names.sort();
    for path in names {
        let text = std::fs::read_to_string(&path).unwrap();
        let got = Configuration::parse("bivouac.yaml".parse().unwrap(), &text);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match got {
            Ok(c) => println!("{name}\tOK {:?}", c.identity("7".parse().unwrap()).map(|i| i.host)),
            Err(e) => println!("{name}\t{e}"),
        }
    }
}
