//! TLS from a certificate and its key in two files. Both are looked at every few seconds: a new pair is taken for new
//! connections, and one that does not work is told about and left alone, so that a renewal gone wrong shuts nobody out.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use chrono::TimeDelta;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use sha2::{Digest, Sha256};
use talon_core::time::Clock;
use tokio_util::sync::CancellationToken;

use crate::config;

/// How often the files are looked at.
const ROUND: TimeDelta = TimeDelta::seconds(2);

/// A pair that cannot be used, and why.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("cannot read {path}")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    #[error("{path} holds no certificate in PEM")]
    NoCertificate { path: String },
    #[error("{path} holds no private key in PEM")]
    NoKey { path: String },
    #[error("certificate and key do not go together")]
    Mismatch(#[source] rustls::Error),
    #[error("TLS cannot be set up")]
    Setup(#[source] rustls::Error),
}

/// What a look at the files brought.
#[derive(Debug)]
pub enum Looked {
    /// Nothing is new.
    Same,
    /// New connections get the new certificate.
    Taken,
    /// There is something new that does not work; the pair in use stays.
    Kept(TlsError),
}

/// The certificate in use and where it comes from. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tls {
    pair: Arc<Pair>,
    provider: Arc<CryptoProvider>,
}

#[derive(Debug)]
struct Pair {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Arc<CertifiedKey>>,
    /// Of both files as they were last looked at.
    seen: Mutex<[u8; 32]>,
}

impl ResolvesServerCert for Pair {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Tls {
    /// Reads the pair; nothing where the configuration names none.
    ///
    /// # Errors
    /// When it does not work: at a start there is no other to keep.
    pub fn load(config: &config::Tls) -> Result<Option<Self>, TlsError> {
        if !config.is_on() {
            return Ok(None);
        }
        let provider = Arc::new(ring::default_provider());
        let (certificate, key) = (PathBuf::from(&config.certificate), PathBuf::from(&config.key));
        let files = Files::read(&certificate, &key)?;
        let pair = Pair {
            current: RwLock::new(Arc::new(files.parsed(&provider)?)),
            seen: Mutex::new(files.sum()),
            certificate,
            key,
        };
        Ok(Some(Self { pair: Arc::new(pair), provider }))
    }

    /// What connections are begun with: TLS 1.2 and 1.3, HTTP/2 before HTTP/1.1.
    ///
    /// # Errors
    /// `Setup`.
    pub fn server(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let mut server = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Setup)?
            .with_no_client_auth()
            .with_cert_resolver(self.pair.clone());
        server.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        server.ticketer = ring::Ticketer::new().map_err(TlsError::Setup)?;
        Ok(Arc::new(server))
    }

    /// Looks at the files once.
    pub fn look(&self) -> Looked {
        let pair = &self.pair;
        let files = match Files::read(&pair.certificate, &pair.key) {
            Ok(files) => files,
            Err(error) => return Looked::Kept(error),
        };
        let sum = files.sum();
        let mut seen = pair.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == sum {
            return Looked::Same;
        }
        *seen = sum;
        match files.parsed(&self.provider) {
            Ok(new) => {
                *pair.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
                Looked::Taken
            }
            // Half a pair, perhaps: whoever renews writes two files, one after the other.
            Err(error) => Looked::Kept(error),
        }
    }

    /// Looks again and again until told to stop, and tells the log and the figures.
    pub async fn follow(self, clock: Arc<dyn Clock>, stop: CancellationToken) {
        let mut is_missing = false;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = clock.sleep_until(clock.now() + ROUND) => {}
            }
            let looked = self.look();
            let was_missing =
                std::mem::replace(&mut is_missing, matches!(looked, Looked::Kept(TlsError::File { .. })));
            match looked {
                Looked::Same => {}
                Looked::Taken => {
                    metrics::counter!("tls_reloads_total", "outcome" => "taken").increment(1);
                    tracing::info!("a new certificate is in use");
                }
                // Once, not every two seconds.
                Looked::Kept(TlsError::File { .. }) if was_missing => {}
                Looked::Kept(error) => {
                    metrics::counter!("tls_reloads_total", "outcome" => "kept").increment(1);
                    let error = crate::http::problem::chain(&error);
                    tracing::error!(error, "the new certificate does not work; the one in use is kept");
                }
            }
        }
    }
}

/// Both files as they are.
struct Files {
    certificate: (String, Vec<u8>),
    key: (String, zeroize::Zeroizing<Vec<u8>>),
}

impl Files {
    fn read(certificate: &std::path::Path, key: &std::path::Path) -> Result<Self, TlsError> {
        let read = |path: &std::path::Path| {
            let name = path.display().to_string();
            match std::fs::read(path) {
                Ok(bytes) => Ok((name, bytes)),
                Err(source) => Err(TlsError::File { path: name, source }),
            }
        };
        let (name, bytes) = read(key)?;
        Ok(Self { certificate: read(certificate)?, key: (name, bytes.into()) })
    }

    fn sum(&self) -> [u8; 32] {
        let mut sum = Sha256::new();
        sum.update(Sha256::digest(&self.certificate.1));
        sum.update(Sha256::digest(&*self.key.1));
        sum.finalize().into()
    }

    fn parsed(&self, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
        let (path, pem) = &self.certificate;
        let no_certificate = || TlsError::NoCertificate { path: path.clone() };
        let chain: Vec<_> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| no_certificate())?;
        if chain.is_empty() {
            return Err(no_certificate());
        }
        let (path, pem) = &self.key;
        let key = PrivateKeyDer::from_pem_slice(pem).map_err(|_| TlsError::NoKey { path: path.clone() })?;
        CertifiedKey::from_der(chain, key, provider).map_err(TlsError::Mismatch)
    }
}
