//! Arguments in, exit code out.

fn main() -> std::process::ExitCode {
    imr::cli::run()
}
