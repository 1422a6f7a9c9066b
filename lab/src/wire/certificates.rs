//! Certificates for the checks, made at run time: fine and faulty ones.

use std::error::Error as StdError;
use std::sync::{Arc, LazyLock};

use clap::ValueEnum;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
    date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Certificate {
    /// For 127.0.0.1 and localhost, by the issuer that MAIL_CA or CHAT_CA names.
    Fine,
    Expired,
    OtherHost,
    /// For the name "localhost", which is not the ADDRESS.
    Localhost,
    /// By nobody but itself.
    SelfSigned,
}

impl Certificate {
    pub const ALL: [Certificate; 5] = [
        Certificate::Fine,
        Certificate::Expired,
        Certificate::OtherHost,
        Certificate::Localhost,
        Certificate::SelfSigned,
    ];

    /// As a report says it: "a certificate that ...".
    pub fn said(self) -> &'static str {
        match self {
            Certificate::Fine => "is in order",
            Certificate::Expired => "expired in 2001",
            Certificate::OtherHost => "is for another host",
            Certificate::Localhost => "is for localhost alone",
            Certificate::SelfSigned => "is self-signed",
        }
    }

    fn names(self) -> Vec<String> {
        let names: &[&str] = match self {
            Certificate::OtherHost => &["other.example.com", "127.0.0.9"],
            Certificate::Localhost => &["localhost"],
            _ => &["localhost", "127.0.0.1"],
        };
        names.iter().map(ToString::to_string).collect()
    }
}

/// What a server shows, and the key that belongs to it, both as PEM.
pub struct Pair {
    pub certificate: String,
    pub key: String,
}

/// An issuer of certificates, made anew for each run, and the certificates it gave.
struct Issuer {
    pem: String,
    /// What trusts this issuer alone.
    clients: Arc<ClientConfig>,
    /// One for each kind, in its order.
    servers: Vec<(Pair, Arc<ServerConfig>)>,
}

static ISSUER: LazyLock<Issuer> =
    LazyLock::new(|| Issuer::new().expect("names and dates of our own make certificates"));

impl Issuer {
    fn new() -> Result<Issuer, Box<dyn StdError>> {
        let authority = authority("socket-labs test issuer")?;
        let kinds = Certificate::value_variants().iter();
        let servers = kinds.map(|kind| server_of(&authority, *kind)).collect::<Result<_, _>>()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(authority.der().clone())?;
        let clients = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Issuer { pem: authority.pem(), clients: Arc::new(clients), servers })
    }
}

pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn authority(name: &str) -> Result<Authority, rcgen::Error> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(authority, KeyPair::generate()?)
}

/// What a server's certificate says: these names, the first of them in front.
pub fn server_params(names: Vec<String>) -> Result<CertificateParams, rcgen::Error> {
    let first = names.first().cloned().unwrap_or_default();
    let mut server = CertificateParams::new(names)?;
    server.use_authority_key_identifier_extension = true;
    server.distinguished_name.push(DnType::CommonName, first);
    Ok(server)
}

fn server_of(
    authority: &Authority,
    kind: Certificate,
) -> Result<(Pair, Arc<ServerConfig>), Box<dyn StdError>> {
    let mut server = server_params(kind.names())?;
    if kind == Certificate::Expired {
        server.not_after = date_time_ymd(2001, 1, 1);
    }
    let key = KeyPair::generate()?;
    let certificate = match kind {
        Certificate::SelfSigned => server.self_signed(&key)?,
        _ => server.signed_by(&key, authority)?,
    };
    let config = config(certificate.der().clone(), &key)?;
    Ok((Pair { certificate: certificate.pem(), key: key.serialize_pem() }, config))
}

fn config(
    certificate: CertificateDer<'static>,
    key: &KeyPair,
) -> Result<Arc<ServerConfig>, Box<dyn StdError>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())?;
    Ok(Arc::new(config))
}

/// The certificate of the checks' issuer, for MAIL_CA and CHAT_CA.
pub fn issuer() -> &'static str {
    &ISSUER.pem
}

/// A server with a certificate of this kind.
#[expect(clippy::indexing_slicing, reason = "there is one of each kind")]
pub fn server(kind: Certificate) -> Arc<ServerConfig> {
    Arc::clone(&ISSUER.servers[kind as usize].1)
}

/// A certificate of the checks' issuer for 127.0.0.1, with its key.
#[expect(clippy::indexing_slicing, reason = "there is one of each kind")]
pub fn fine() -> &'static Pair {
    &ISSUER.servers[Certificate::Fine as usize].0
}

/// A client that trusts the checks' issuer and nobody else.
pub fn client() -> Arc<ClientConfig> {
    Arc::clone(&ISSUER.clients)
}
