import ArgumentParser
import Bundles
import ByteStorage

struct Sign: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sign a bundle with an Ed25519 key.",
    usage: "griffin sign <bundle> --key <file> [<options>]",
    discussion: """
      The bundle is checked first, every byte of it; one that is damaged is not signed. The signature goes into a small file \
      beside it, BUNDLE.sig, for griffin verify --public-key. Keys are those of openssl.

      EXAMPLES:
        openssl genpkey -algorithm ed25519 -out private.pem
        openssl pkey -in private.pem -pubout -out public.pem
        griffin sign pair.griffin --key private.pem
        griffin verify pair.griffin --public-key public.pem
      """)

  @Argument(help: "The bundle.")
  var bundle: String

  @Option(name: .long, help: ArgumentHelp("The private key: PKCS #8, PEM or DER, without a passphrase.", valueName: "file"))
  var key: String

  @Flag(name: .long, help: "Replace a signature that is there already.")
  var force = false

  @OptionGroup var common: CommonOptions

  func run() throws {
    let bundle = try ModelBundle.open(path: bundle)
    let sidecar = self.bundle + BundleSignature.pathSuffix
    guard try !InputFile(path: key).isSameFile(as: sidecar) else {
      throw GriffinError(.usage, file: sidecar, "the key has the name that the signature gets; --force would replace it")
    }
    let key = try Ed25519PrivateKey(path: key)
    let output = try OutputFile(path: sidecar, force: force)
    try check(bundle)
    let signature = try BundleSignature(signing: bundle, with: key)
    let text = signature.text
    try output.reserve(byteCount: text.utf8.count)
    try output.write(text.rawBytes, at: 0)
    try output.commit()
    if common.json {
      Console.document(
        .object([
          "output": .string(sidecar), "digest": .string(signature.digest.hexadecimal),
          "public_key": .string(signature.publicKey.hexadecimal), "signature": .string(signature.signature.hexadecimal),
          "warnings": .array([]),
        ]))
    } else {
      Console.output(
        Formatting.table([
          [sidecar.printable, "written"], ["digest", signature.digest.hexadecimal], ["public key", signature.publicKey.hexadecimal],
        ]))
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
    let others = failures.count > 1 ? " (and \(failures.count - 1) more)" : ""
    throw GriffinError(
      .malformed, file: self.bundle, tensor: failure.tensors.first, offset: failure.offset, failure.message + others,
      hints: ["a damaged bundle is not signed; get it again, or convert it again"])
  }
}
