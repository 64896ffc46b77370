import ArgumentParser
import Bundles
import ByteStorage

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign a bundle, or an exported folder.",
    usage: "griffin sign <bundle> --key <file> [<options>]",
    discussion: """
      The bundle is checked first, every byte of it; one that is damaged is not signed. The signature goes into a small file \
      beside it for griffin verify --public-key: BUNDLE.sig with an Ed25519 key, or with --format oms, which takes a folder too, \
      a signature of OpenSSF Model Signing 1.0 in BUNDLE.oms.sig or FOLDER/model.sig. Keys are those of openssl.

      EXAMPLES:
        openssl genpkey -algorithm ed25519 -out private.pem
        openssl pkey -in private.pem -pubout -out public.pem
        griffin sign pair.griffin --key private.pem
        griffin verify pair.griffin --public-key public.pem
        openssl ecparam -name prime256v1 -genkey -noout -out ec.pem
        griffin sign pair.griffin --key ec.pem --format oms
        griffin sign exported-folder --key ec.pem --format oms
      """)

  @Argument(help: "The bundle; with --format oms also a folder.")
  var bundle: String

  @Option(
    name: .long, help: ArgumentHelp("The private key: PKCS #8 (oms: or SEC 1), PEM or DER, without a passphrase.", valueName: "file"))
  var key: String

  @Option(name: .long, help: ArgumentHelp("What to write.", valueName: "ed25519|oms"))
  var format = "ed25519"

  @Flag(name: .long, help: "Replace a signature that is there already.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    switch format {
    case "ed25519": try signBundle()
    case "oms": try signModel()
    default:
      throw GriffinError(.usage, "--format is \(format.shortened(to: 40).printable); expected ed25519 or oms")
    }
  }

  private func signBundle() throws {
    let bundle = try ModelBundle.open(path: bundle)
    let sidecar = self.bundle + BundleSignature.pathSuffix
    try refuseReplacingKey(sidecar)
    let key = try Ed25519PrivateKey(path: key)
    let output = try OutputFile(path: sidecar, force: force)
    try check(bundle)
    let signature = try BundleSignature(signing: bundle, with: key)
    try output.write(whole: signature.text)
    report(
      sidecar, digest: signature.digest, publicKey: signature.publicKey.hexadecimal,
      members: ["signature": .string(signature.signature.hexadecimal)])
  }

  private func signModel() throws {
    let isFolder = FileSystem.kind(of: bundle) == .folder
    let opened = isFolder ? nil : try ModelBundle.open(path: bundle)
    let sidecar = ModelSignature.path(for: bundle)
    try refuseReplacingKey(sidecar)
    let key = try EllipticPrivateKey(path: key)
    let output = try OutputFile(path: sidecar, force: force)
    if let opened { try check(opened) }
    let hashing = ProgressDisplay("hashing") { Formatting.bytes($0) }
    let signature: ModelSignature
    do {
      defer { hashing.finish() }
      signature = try ModelSignature(
        signing: bundle, with: key, threads: common.threadCount, cancellation: Interruption.cancellation,
        progress: { hashing.update(done: Double($0), total: Double($1)) })
    }
    try output.write(whole: signature.text)
    report(
      sidecar, digest: opened?.digest ?? signature.digest, publicKey: key.publicKey.fingerprint,
      members: ["format": "oms", "files": .integer(signature.fileCount)])
  }

  private func refuseReplacingKey(_ sidecar: String) throws {
    guard try !InputFile(path: key).isSameFile(as: sidecar) else {
      throw GriffinError(.usage, file: sidecar, "the key has the name that the signature gets; --force would replace it")
    }
  }

  private func report(_ sidecar: String, digest: SHA256Digest, publicKey: String, members: JSONObject) {
    if common.json {
      var document: JSONObject = [
        "output": .string(sidecar), "digest": .string(digest.hexadecimal), "public_key": .string(publicKey),
      ]
      for member in members.members { document[member.key] = member.value }
      document["warnings"] = .array([])
      Console.document(.object(document))
    } else {
      Console.output(
        Formatting.table([[sidecar.printable, "written"], ["digest", digest.hexadecimal], ["public key", publicKey]]))
    }
  }

  /// What is signed is vouched for.
  private func check(_ bundle: ModelBundle) throws {
    let hashing = ProgressDisplay("checking digests") { Formatting.bytes($0) }
    defer { hashing.finish() }
    let failures = try bundle.verifyPayloads(threads: common.threadCount, cancellation: Interruption.cancellation) {
      hashing.update(done: Double($0), total: Double($1))
    }
    guard let failure = failures.first else { return }
    var error = failure.refusal(of: self.bundle, deed: "signed")
    if failures.count > 1 { error.message += " (and \(failures.count - 1) more)" }
    throw error
  }
}
