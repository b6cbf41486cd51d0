fn main() {
    let paths: Vec<std::path::PathBuf> = std::env::args_os().skip(1).map(Into::into).collect();
    for s in imr::corpus::walk(&paths).sources {
        match imr::corpus::read(&s.path, imr::corpus::DEFAULT_MAX_LETTER) {
            Ok(t) => { let l = imr::letter::read(&t); println!("{}", serde_json::to_string(&imr::letter::Record::new(&l, &s.name)).unwrap()); }
            Err(e) => eprintln!("{} {e}", s.name),
        }
    }
}
