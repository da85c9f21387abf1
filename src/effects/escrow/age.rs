//! Encryption with `age`: <https://age-encryption.org/v1>.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::str::FromStr as _;

use age::armor::{ArmoredReader, ArmoredWriter, Format};
use age::ssh::ParseRecipientKeyError;
use age::{DecryptError, Decryptor, Encryptor, ssh, x25519};

use crate::domain::escrow::Contents;
use crate::domain::secrecy::{looks_secret, shown};
use crate::ports::{CipherError, EscrowCipher};
use crate::secret::Secret;

/// How many people can open an escrow at least: one of them may lose the key.
const FEWEST_RECIPIENTS: usize = 2;
/// What is encrypted only to see whether it can be.
const TEST: &[u8] = b"a test, and no escrow";

/// `age`, with the identities that were given.
#[derive(Default)]
pub struct AgeCipher {
    identities: Vec<Identity>,
}

enum Identity {
    Native(x25519::Identity),
    Ssh(ssh::Identity),
}

enum Recipient {
    Native(x25519::Recipient),
    Ssh(ssh::Recipient),
}

impl AgeCipher {
    /// Takes the identities in a text: lines `AGE-SECRET-KEY-1…`, comments among them, or one private key of OpenSSH's.
    ///
    /// # Errors
    ///
    /// When there is none in it, or one that can not be used.
    pub fn new(identity: Option<&Secret>) -> Result<Self, CipherError> {
        let identities = identity.map(|text| parse_identities(text.expose())).transpose()?.unwrap_or_default();
        Ok(Self { identities })
    }

    fn open(&self, ciphertext: &str) -> Result<Secret, CipherError> {
        if self.identities.is_empty() {
            return Err(CipherError::NoIdentity);
        }
        let decryptor = Decryptor::new_buffered(ArmoredReader::new(ciphertext.as_bytes()));
        let identities = self.identities.iter().map(Identity::as_age);
        let opened = decryptor.and_then(|decryptor| decryptor.decrypt(identities));
        let mut reader = opened.map_err(|why| match why {
            DecryptError::NoMatchingKeys => CipherError::NotForIdentity,
            _ => CipherError::Broken,
        })?;
        let mut text = String::new();
        reader.read_to_string(&mut text).map_err(|_| CipherError::Broken)?;
        Ok(Secret::of(text))
    }
}

/// A new key pair: the identity, and the recipient that goes with it.
#[must_use]
pub fn new_identity() -> (Secret, String) {
    use age::secrecy::ExposeSecret as _;
    let identity = x25519::Identity::generate();
    (Secret::of(identity.to_string().expose_secret().to_owned()), identity.to_public().to_string())
}

impl EscrowCipher for AgeCipher {
    fn encrypt(&self, contents: &Contents, recipients: &[String]) -> Result<String, CipherError> {
        encrypt_to(&parse_recipients(recipients)?, contents.to_json().expose().as_bytes())
    }

    fn decrypt(&self, ciphertext: &str) -> Result<Contents, CipherError> {
        Ok(Contents::from_json(self.open(ciphertext)?.expose())?)
    }

    fn encrypt_anew(&self, ciphertext: &str, recipients: &[String]) -> Result<String, CipherError> {
        encrypt_to(&parse_recipients(recipients)?, self.open(ciphertext)?.expose().as_bytes())
    }

    fn has_identity(&self) -> bool {
        !self.identities.is_empty()
    }

    fn try_out(&self, recipients: &[String]) -> Result<(), CipherError> {
        let parsed = parse_recipients(recipients)?;
        for (recipient, given) in parsed.iter().zip(recipients) {
            encrypt_to(std::slice::from_ref(recipient), TEST)
                .map_err(|_| bad_recipient(given, "it can not be encrypted to"))?;
        }
        let to_all = encrypt_to(&parsed, TEST)?;
        if self.has_identity() && self.open(&to_all)?.expose().as_bytes() != TEST {
            return Err(CipherError::Broken);
        }
        Ok(())
    }
}

impl fmt::Debug for AgeCipher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "AgeCipher({} identities)", self.identities.len())
    }
}

impl Identity {
    fn as_age(&self) -> &dyn age::Identity {
        match self {
            Self::Native(identity) => identity,
            Self::Ssh(identity) => identity,
        }
    }
}

impl Recipient {
    fn as_age(&self) -> &dyn age::Recipient {
        match self {
            Self::Native(recipient) => recipient,
            Self::Ssh(recipient) => recipient,
        }
    }

    /// The key alone: two spellings of one key are equal.
    fn key(&self) -> String {
        match self {
            Self::Native(recipient) => recipient.to_string(),
            Self::Ssh(recipient) => recipient.to_string(),
        }
    }
}

fn encrypt_to(recipients: &[Recipient], text: &[u8]) -> Result<String, CipherError> {
    let encryptor = Encryptor::with_recipients(recipients.iter().map(Recipient::as_age));
    let encryptor = encryptor.map_err(|_| CipherError::TooFewRecipients { given: recipients.len() })?;
    let armoured = || -> io::Result<Vec<u8>> {
        let armour = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
        let mut writer = encryptor.wrap_output(armour)?;
        writer.write_all(text)?;
        writer.finish()?.finish()
    };
    // Nothing of this leaves memory, so it does not fail.
    String::from_utf8(armoured().map_err(|_| CipherError::Broken)?).map_err(|_| CipherError::Broken)
}

/// What is no recipient is not shown whole: it may be anything.
fn no_recipient(text: &str, why: impl Into<String>) -> CipherError {
    CipherError::BadRecipient { which: shown(text), why: why.into() }
}

fn bad_recipient(which: &str, why: impl Into<String>) -> CipherError {
    CipherError::BadRecipient { which: which.escape_debug().to_string(), why: why.into() }
}

fn parse_recipients(given: &[String]) -> Result<Vec<Recipient>, CipherError> {
    let mut known = BTreeSet::new();
    let mut recipients = Vec::new();
    for text in given {
        let recipient = parse_recipient(text)?;
        if !known.insert(recipient.key()) {
            return Err(bad_recipient(text, "it is given twice, and whoever loses the key loses both"));
        }
        recipients.push(recipient);
    }
    if recipients.len() < FEWEST_RECIPIENTS {
        return Err(CipherError::TooFewRecipients { given: recipients.len() });
    }
    Ok(recipients)
}

fn parse_recipient(text: &str) -> Result<Recipient, CipherError> {
    let trimmed = text.trim();
    if looks_secret(trimmed) {
        let why =
            "it looks like a private key: give the public one, and replace the private one, which is no longer private";
        return Err(CipherError::BadRecipient { which: "…".to_owned(), why: why.to_owned() });
    }
    if trimmed.contains(char::is_control) {
        return Err(no_recipient(text, "it has line ends or other control characters in it"));
    }
    if trimmed.starts_with("age1") {
        return x25519::Recipient::from_str(trimmed).map(Recipient::Native).map_err(|why| no_recipient(text, why));
    }
    if !trimmed.starts_with("ssh-") {
        return Err(no_recipient(text, "give `age1…`, or an SSH public key, `ssh-ed25519 …` or `ssh-rsa …`"));
    }
    let parsed = ssh::Recipient::from_str(trimmed).map_err(|why| no_recipient(text, ssh_problem(why)))?;
    // The parser stops where the key ends; what follows must be the comment, not more of the key.
    let key = trimmed.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let recipient = Recipient::Ssh(parsed);
    if recipient.key() == key { Ok(recipient) } else { Err(no_recipient(text, "it is not a whole SSH public key")) }
}

fn ssh_problem(why: ParseRecipientKeyError) -> String {
    match why {
        ParseRecipientKeyError::RsaModulusTooSmall => "its RSA key has fewer than 2048 bits".to_owned(),
        ParseRecipientKeyError::RsaModulusTooLarge => "its RSA key has more bits than can be handled".to_owned(),
        ParseRecipientKeyError::Unsupported(kind) => {
            format!("nothing can be encrypted to keys of the kind `{}`: give `ssh-ed25519` or `ssh-rsa`", shown(&kind))
        }
        _ => "it is not a whole SSH public key".to_owned(),
    }
}

fn bad_identity(why: impl Into<String>) -> CipherError {
    CipherError::BadIdentity { why: why.into() }
}

fn parse_identities(text: &str) -> Result<Vec<Identity>, CipherError> {
    if text.contains("-----BEGIN AGE ENCRYPTED FILE-----") {
        return Err(bad_identity("it is encrypted itself: decrypt it with `age -d` first"));
    }
    if text.contains("-----BEGIN") {
        return Ok(vec![parse_ssh_identity(text)?]);
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let identities: Vec<_> = lines.map(parse_native_identity).collect::<Result<_, _>>()?;
    if identities.is_empty() { Err(bad_identity("there is none in it")) } else { Ok(identities) }
}

fn parse_native_identity(line: &str) -> Result<Identity, CipherError> {
    if line.starts_with("AGE-PLUGIN-") {
        return Err(bad_identity(
            "it is a plugin's: decrypt with `age` itself, and see `bivouac escrow show --ciphertext`",
        ));
    }
    let wrong = "a line of it is no `AGE-SECRET-KEY-1…`; the other form is a private key of OpenSSH's, whole";
    x25519::Identity::from_str(line).map(Identity::Native).map_err(|_| bad_identity(wrong))
}

fn parse_ssh_identity(text: &str) -> Result<Identity, CipherError> {
    // Variables lose the last line end, and the parser wants it.
    let text: String = text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect();
    let identity = ssh::Identity::from_buffer(text.as_bytes(), None)
        .map_err(|_| bad_identity("it is no whole private key of OpenSSH's, and `age` reads no other"))?;
    match identity {
        ssh::Identity::Unencrypted(_) => Ok(Identity::Ssh(identity)),
        ssh::Identity::Encrypted(_)
        | ssh::Identity::Unsupported(ssh::UnsupportedKey::EncryptedPem | ssh::UnsupportedKey::EncryptedSsh(_)) => {
            Err(bad_identity(
                "the SSH key is protected by a passphrase: give a copy without one (`ssh-keygen -p -N '' -f COPY`), or decrypt with `age` itself",
            ))
        }
        ssh::Identity::Unsupported(_) => {
            Err(bad_identity("nothing can be decrypted with an SSH key of its kind: `ssh-ed25519` and `ssh-rsa` can"))
        }
    }
}

#[cfg(test)]
mod tests;
