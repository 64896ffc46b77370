public import ByteStorage
internal import NIOSSL

/// What the environment says of other machines. Libraries read no environment: the executable hands one over.
public struct RemoteSettings: Sendable {
  /// The hub that `hf://` means.
  package var hub = "https://huggingface.co"
  package var hubToken: String?
  /// The object store that `s3://` means; nil for Amazon's, by region.
  package var storeEndpoint: String?
  package var storeRegion = "us-east-1"
  /// nil where requests are not signed.
  package var credentials: Credentials?
  var proxies = Proxies()
  /// Certificates to trust instead of the system's.
  var certificates: [NIOSSLCertificate]?
  package var backoff = Backoff()
  /// Seconds without a byte after which a connection is given up.
  var idleSeconds = 30
  /// Seconds that one request may take in all.
  var requestSeconds = 600

  public init() {}

  /// - Parameter variable: Looks up an environment variable.
  /// - Throws: `unreadable` or `unsafe` where a file that holds keys cannot be read; `usage` where a profile that is asked for is not there.
  public init(environment variable: (String) -> String?) throws(GriffinError) {
    func text(_ names: [String]) -> String? { names.lazy.compactMap(variable).first { !$0.isEmpty } }
    let home = text(["HOME"]) ?? ""
    hub = text(["HF_ENDPOINT"]) ?? hub
    hubToken = text(["HF_TOKEN"])
    if hubToken == nil {
      let caches = text(["HF_HOME"]) ?? text(["XDG_CACHE_HOME"]).map { "\($0)/huggingface" } ?? "\(home)/.cache/huggingface"
      hubToken = try RemoteSettings.line(text(["HF_TOKEN_PATH"]) ?? "\(caches)/token")
    }
    let profile = text(["AWS_PROFILE"])
    let keys = text(["AWS_SHARED_CREDENTIALS_FILE"]) ?? "\(home)/.aws/credentials"
    let config = text(["AWS_CONFIG_FILE"]) ?? "\(home)/.aws/config"
    let profiles = Profiles(name: profile ?? "default", files: [try ProfileFile(path: keys), try ProfileFile(path: config)])
    storeEndpoint = text(["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]) ?? profiles["endpoint_url"]
    storeRegion = text(["AWS_REGION", "AWS_DEFAULT_REGION"]) ?? profiles["region"] ?? storeRegion
    credentials = Credentials(text(["AWS_ACCESS_KEY_ID"]), text(["AWS_SECRET_ACCESS_KEY"]), sessionToken: text(["AWS_SESSION_TOKEN"]))
    if credentials == nil {
      credentials = Credentials(
        profiles["aws_access_key_id"], profiles["aws_secret_access_key"], sessionToken: profiles["aws_session_token"])
    }
    if let profile, credentials == nil {
      throw GriffinError(
        .usage, "AWS_PROFILE is \(profile.shortened(to: 40)), and neither \(keys) nor \(config) has keys for it",
        hints: ["keys of roles and of single sign-on are not looked up: export them as AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"])
    }
    proxies = Proxies(proxy: text(["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]), exceptions: text(["NO_PROXY", "no_proxy"]))
    certificates = try text(["SSL_CERT_FILE"]).map { path throws(GriffinError) in try RemoteSettings.certificates(path) }
  }

  /// The certificates in a PEM file.
  /// - Throws: `missing` or `unreadable` where it cannot be read, `malformed` where there are none in it.
  static func certificates(_ path: String) throws(GriffinError) -> [NIOSSLCertificate] {
    let bytes = try InputFile(path: path).contents(limit: 16 << 20)
    guard let found = try? NIOSSLCertificate.fromPEMBytes(bytes.bytes.copied), !found.isEmpty else {
      throw GriffinError(.malformed, file: path, "expected certificates in PEM, found none that can be read", hints: ["SSL_CERT_FILE names this file"])
    }
    return found
  }

  /// What the files of profiles say of one of them, the first that says something.
  private struct Profiles {
    let name: String
    let files: [ProfileFile]

    subscript(key: String) -> String? { files.lazy.compactMap { $0[name, key] }.first }
  }

  /// The first line of a small file; nil where there is none.
  private static func line(_ path: String) throws(GriffinError) -> String? {
    guard FileSystem.kind(of: path) == .file else { return nil }
    let buffer = try InputFile(path: path).contents(limit: 4096)
    return String(decoding: buffer.bytes.copied, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
  }
}
