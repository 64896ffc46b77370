internal import ByteStorage
internal import Crypto

/// Signs requests to an object store as AWS Signature Version 4 lays down; the key never leaves this process.
///
/// - Source: Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
package struct SignatureV4: Sendable {
  let credentials: Credentials
  let region: String
  let service = "s3"

  package init(credentials: Credentials, region: String) { (self.credentials, self.region) = (credentials, region) }

  private static let algorithm = "AWS4-HMAC-SHA256"
  /// SHA-256 of nothing, which a GET carries.
  private static let emptyDigest = SHA256Digest(of: RawSpan()).hexadecimal

  /// The headers that a request needs: date, digest of its empty body, the session's token, and the signature.
  package func headers(method: String, address: Address, at time: Timestamp) -> [(String, String)] {
    var headers = [("host", address.authority), ("x-amz-content-sha256", SignatureV4.emptyDigest), ("x-amz-date", time.text)]
    if let token = credentials.sessionToken { headers.append(("x-amz-security-token", token)) }
    let names = headers.map(\.0).joined(separator: ";")
    let scope = "\(time.day)/\(region)/\(service)/aws4_request"
    let request = canonicalRequest(method: method, address: address, headers: headers, names: names)
    let toSign = [SignatureV4.algorithm, time.text, scope, SHA256Digest(of: request.rawBytes).hexadecimal].joined(separator: "\n")
    var key = [UInt8]("AWS4\(credentials.secretKey)".utf8)
    for part in [time.day, region, service, "aws4_request", toSign] { key = SignatureV4.mac(part, key: key) }
    let signature = Hexadecimal.encode(key)
    headers.append(
      ("authorization", "\(SignatureV4.algorithm) Credential=\(credentials.accessKey)/\(scope), SignedHeaders=\(names), Signature=\(signature)"))
    return headers.filter { $0.0 != "host" }
  }

  /// - Parameter headers: In the order of their names.
  func canonicalRequest(method: String, address: Address, headers: [(String, String)], names: String) -> String {
    let query = (address.query ?? "").split(separator: "&").map { $0.contains("=") ? String($0) : $0 + "=" }.sorted()
    return ([method, address.path, query.joined(separator: "&")] + headers.map { "\($0.0):\($0.1)" } + ["", names, SignatureV4.emptyDigest])
      .joined(separator: "\n")
  }

  private static func mac(_ text: String, key: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
  }
}
