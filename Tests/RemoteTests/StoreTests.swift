import ByteStorage
import Foundation
import Loopback
import Remote
import TestSupport
import Testing

/// Object stores: signatures, keys, listings.
struct StoreTests {
  private struct Vectors: Decodable {
    struct Vector: Decodable, CustomStringConvertible {
      let url, region, access_key, secret_key, date, authorization: String
      let session_token: String?
      let seconds: Int
      var description: String { url }
    }
    let vectors: [Vector]
  }

  @Test func signaturesAreThoseOfBotocore() throws {
    let vectors = try JSONDecoder().decode(Vectors.self, from: Data(Fixtures.bytes("remote/signatures.json"))).vectors
    #expect(vectors.count >= 5)
    for vector in vectors {
      let credentials = try #require(Credentials(vector.access_key, vector.secret_key, sessionToken: vector.session_token))
      let signature = SignatureV4(credentials: credentials, region: vector.region)
      let headers = signature.headers(method: "GET", address: try #require(Address(vector.url)), at: Timestamp(seconds: vector.seconds))
      #expect(headers.first { $0.0 == "x-amz-date" }?.1 == vector.date)
      #expect(headers.first { $0.0 == "authorization" }?.1 == vector.authorization)
      #expect(headers.first { $0.0 == "x-amz-security-token" }?.1 == vector.session_token)
    }
  }

  @Test func keysComeFromVariablesThenFromProfiles() throws {
    let folder = try TemporaryFolder()
    let keys = try folder.write(
      Array("# mine\n[default]\naws_access_key_id = AK\naws_secret_access_key=SK\n\n[other]\naws_access_key_id=OK\naws_secret_access_key=OS\naws_session_token=T\n".utf8),
      to: "credentials")
    let config = try folder.write(Array("[default]\nregion = eu-west-1\n[profile other]\nregion=us-west-2\nendpoint_url=http://store:9000\n".utf8), to: "config")
    var environment = ["AWS_SHARED_CREDENTIALS_FILE": keys, "AWS_CONFIG_FILE": config]
    let first = try RemoteSettings(environment: { environment[$0] })
    #expect(first.credentials == Credentials("AK", "SK", sessionToken: nil) && first.storeRegion == "eu-west-1" && first.storeEndpoint == nil)
    environment["AWS_PROFILE"] = "other"
    let second = try RemoteSettings(environment: { environment[$0] })
    #expect(second.credentials == Credentials("OK", "OS", sessionToken: "T") && second.storeRegion == "us-west-2" && second.storeEndpoint == "http://store:9000")
    environment["AWS_ACCESS_KEY_ID"] = "EK"
    environment["AWS_SECRET_ACCESS_KEY"] = "ES"
    environment["AWS_ENDPOINT_URL"] = "https://here"
    let third = try RemoteSettings(environment: { environment[$0] })
    #expect(third.credentials == Credentials("EK", "ES", sessionToken: nil) && third.storeEndpoint == "https://here")
    #expect(throws: GriffinError.self) { try RemoteSettings(environment: { ["AWS_PROFILE": "nobody", "AWS_CONFIG_FILE": config][$0] }) }
    #expect(try RemoteSettings(environment: { _ in nil }).credentials == nil)
  }

  private func settings(_ server: LoopbackServer, signed: Bool) -> RemoteSettings {
    var settings = RemoteSettings()
    settings.storeEndpoint = server.address
    settings.backoff = Backoff { _ in }
    if signed { settings.credentials = Credentials("AK", "SK", sessionToken: nil) }
    return settings
  }

  @Test func aFolderIsListedPageByPageAndReadByPath() throws {
    let server = try LoopbackServer { request in
      guard request.path == "/bucket" else { return request.path == "/bucket/a/llama%20x/config.json" ? .range(of: Array("{}".utf8), request) : .missing }
      let isSecond = request.target.contains("continuation-token=next%2B%3D")
      let page =
        isSecond
        ? "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/llama+x/tokenizer.json</Key></Contents></ListBucketResult>"
        : "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>next+=</NextContinuationToken><Contents><Key>a/llama+x/config.json</Key></Contents><Contents><Key>a/llama%20x/</Key></Contents></ListBucketResult>"
      return .answer("200 OK", body: Array(page.utf8))
    }
    let remote = Remote(settings(server, signed: true))
    let (folder, name) = try remote.folder(of: "s3://bucket/a/llama x/", lookingFor: ["config.json"])
    #expect(try name == nil && folder.names() == ["config.json", "tokenizer.json"] && folder.path == "s3://bucket/a/llama x")
    #expect(try folder.kind(of: "config.json") == .file && folder.kind(of: "model.safetensors") == nil)
    let file = try folder.open("config.json")
    #expect(file.path == "s3://bucket/a/llama x/config.json" && file.bytes.copied == Array("{}".utf8))
    #expect(server.requests.allSatisfy { $0.headers["authorization"]?.hasPrefix("AWS4-HMAC-SHA256 Credential=AK/") == true })
  }

  @Test func aFolderThatMayNotBeListedIsLookedThrough() throws {
    let server = try LoopbackServer { request in
      request.path == "/bucket/config.json" ? .range(of: Array("{}".utf8), request) : .answer("403 Forbidden")
    }
    let (folder, _) = try Remote(settings(server, signed: false)).folder(of: "s3://bucket", lookingFor: ["config.json", "tokenizer.json"])
    #expect(try folder.names() == ["config.json"])
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test(arguments: ["s3://", "s3://b", "s3://bucket//x", "s3://buc ket/x"]) func whatIsNoBucket(text: String) throws {
    let error = try #require(throws: GriffinError.self) { try Remote(RemoteSettings()).folder(of: text, lookingFor: []) }
    #expect(error.kind == .usage)
  }
}
