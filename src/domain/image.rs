//! Images in their registries: where one is looked up, and what is found.

use std::fmt;
use std::time::Duration;

use super::names::{ImageRepository, ImageTag};
use super::text_type::text_type;

text_type! {
    /// What the content of an image is known by: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128.
    /// Grammar: <https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests>
    Digest, check_digest
}

/// The algorithms of digests that the image specification registers, with the number of their hexadecimal digits.
const ALGORITHMS: [(&str, usize); 2] = [("sha256", 64), ("sha512", 128)];

fn check_digest(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_digest = text.split_once(':').is_some_and(|(algorithm, digits)| {
        ALGORITHMS.contains(&(algorithm, digits.len())) && digits.bytes().all(is_digit)
    });
    if is_digest {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a digest: use `sha256:` and 64 hexadecimal digits in lower case, or `sha512:` and 128",
        text.escape_debug()
    ))
}

/// An image with its tag, as a registry is asked for it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    /// The registry and the repository in it.
    pub repository: ImageRepository,
    /// The tag. It never names a digest: see [`ImageTag`].
    pub tag: ImageTag,
}

impl fmt::Display for ImageReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.repository, self.tag)
    }
}

/// The registry of images that name none.
const DEFAULT_REGISTRY: &str = "docker.io";
/// The name that it had before, and that docker's configuration still uses.
const FORMER_DEFAULT_REGISTRY: &str = "index.docker.io";
/// Where it keeps images whose name has one part.
const DEFAULT_NAMESPACE: &str = "library";

impl ImageRepository {
    /// The registry, with its port if it has one; `docker.io` where none is named.
    /// Rule: <https://github.com/distribution/reference/blob/main/normalize.go>
    #[must_use]
    pub fn registry(&self) -> &str {
        self.parts().0
    }

    /// The repository in its registry: `library/nginx` of `nginx`.
    #[must_use]
    pub fn path(&self) -> String {
        match self.parts() {
            (DEFAULT_REGISTRY, path) if !path.contains('/') => format!("{DEFAULT_NAMESPACE}/{path}"),
            (_, path) => path.to_owned(),
        }
    }

    fn parts(&self) -> (&str, &str) {
        match self.as_str().split_once('/') {
            Some((FORMER_DEFAULT_REGISTRY, path)) => (DEFAULT_REGISTRY, path),
            Some((first, path)) if first.contains(['.', ':']) || first == "localhost" => (first, path),
            _ => (DEFAULT_REGISTRY, self.as_str()),
        }
    }
}

/// The longest wait between two looks at a registry, unless it asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// How long to wait after `looks` looks at a registry: about a second at first, twice as long each time, up to
/// about ten seconds.
///
/// `chance` is drawn evenly from 0 up to 1. It takes up to half of the wait away, so that the images of a run, and the runs
/// of a push, do not ask at once.
#[must_use]
pub fn pause(looks: u32, chance: f64) -> Duration {
    let doublings = looks.saturating_sub(1).min(10);
    let whole = Duration::from_secs(1 << doublings).min(LONGEST_PAUSE);
    whole.mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository(text: &str) -> ImageRepository {
        text.parse().unwrap()
    }

    #[test]
    fn a_repository_knows_its_registry() {
        let table = [
            ("nginx", "docker.io", "library/nginx"),
            ("acme/web", "docker.io", "acme/web"),
            ("docker.io/nginx", "docker.io", "library/nginx"),
            ("docker.io/acme/web", "docker.io", "acme/web"),
            ("index.docker.io/nginx", "docker.io", "library/nginx"),
            ("ghcr.io/acme/web", "ghcr.io", "acme/web"),
            ("localhost/web", "localhost", "web"),
            ("localhost:5000/web", "localhost:5000", "web"),
            ("registry:5000/a/b/c", "registry:5000", "a/b/c"),
            ("127.0.0.1:5000/web", "127.0.0.1:5000", "web"),
        ];
        for (text, registry, path) in table {
            let found = repository(text);
            assert_eq!((found.registry(), found.path().as_str()), (registry, path), "{text}");
        }
    }

    #[test]
    fn a_reference_is_shown_as_one_writes_it() {
        let reference = ImageReference { repository: repository("ghcr.io/acme/web"), tag: "v1".parse().unwrap() };
        assert_eq!(reference.to_string(), "ghcr.io/acme/web:v1");
        assert!("v1@sha256:00".parse::<ImageTag>().is_err());
    }

    #[test]
    fn a_digest_has_an_algorithm_and_all_its_digits() {
        let digits = "0123456789abcdef".repeat(8);
        assert!(format!("sha256:{}", &digits[..64]).parse::<Digest>().is_ok());
        assert!(format!("sha512:{digits}").parse::<Digest>().is_ok());
        let wrong = [
            String::new(),
            "sha256:".to_owned(),
            digits[..64].to_owned(),
            format!("sha256:{}", &digits[..63]),
            format!("sha256:{digits}"),
            format!("sha256:{}", digits[..64].to_uppercase()),
            format!("md5:{}", &digits[..32]),
            format!("sha256:{}\n", &digits[..64]),
        ];
        for text in wrong {
            assert!(text.parse::<Digest>().unwrap_err().to_string().contains("is not a digest"), "{text}");
        }
    }

    #[test]
    fn pauses_double_up_to_ten_seconds_and_chance_takes_up_to_half() {
        let table = [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 10_000), (4_000, 10_000)];
        for (looks, longest) in table {
            assert_eq!(pause(looks, 0.0), Duration::from_millis(longest), "{looks}");
            assert_eq!(pause(looks, 1.0), Duration::from_millis(longest / 2), "{looks}");
        }
    }
}
