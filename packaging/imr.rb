# Homebrew formula, filled in by .ci/package --finish. HOMEBREW_IMR_DOWNLOAD is where the release is.
class Imr < Formula
  desc "Search engine for California Independent Medical Review determination letters"
  homepage ENV.fetch("HOMEBREW_IMR_HOMEPAGE", "https://example.org/imr")
  version "@VERSION@"
  license any_of: ["MIT", "Apache-2.0"]
  DOWNLOAD = ENV.fetch("HOMEBREW_IMR_DOWNLOAD", "https://example.org/imr")

  on_macos do
    on_arm do
      url "#{DOWNLOAD}/imr-@VERSION@-aarch64-apple-darwin.tar.gz"
      sha256 "@MAC_ARM@"
    end
    on_intel do
      url "#{DOWNLOAD}/imr-@VERSION@-x86_64-apple-darwin.tar.gz"
      sha256 "@MAC_INTEL@"
    end
  end
  on_linux do
    on_arm do
      url "#{DOWNLOAD}/imr-@VERSION@-aarch64-unknown-linux-musl.tar.gz"
      sha256 "@LINUX_ARM@"
    end
    on_intel do
      url "#{DOWNLOAD}/imr-@VERSION@-x86_64-unknown-linux-musl.tar.gz"
      sha256 "@LINUX_INTEL@"
    end
  end

  def install
    bin.install "imr"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/imr.bash" => "imr"
    zsh_completion.install "completions/imr.zsh" => "_imr"
    fish_completion.install "completions/imr.fish"
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/imr --version")
  end
end
