/// One reader under a fuzzer. A new one is its own file and one line in `all`.
public struct Fuzzer: Sendable {
  public struct Seed: Sendable {
    public let name: String
    public let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) { (self.name, self.bytes) = (name, bytes) }
  }

  public let name: String
  /// What it reads, in a line.
  public let description: String
  /// Bytes that an input has at most.
  public let maximumBytes: Int
  /// Reads the input as a user's command would, and everything in it. What it throws is the reader's answer: a
  /// `GriffinError` is a good one.
  public let read: @Sendable (_ input: [UInt8]) throws -> Void
  /// Small inputs that are read without an error, of several shapes.
  public let seeds: @Sendable () throws -> [Seed]
  /// Changes an input by its structure, so that brackets, lengths and checksums do not keep every change out of the deeper
  /// code.
  public var mutate: @Sendable (_ input: inout [UInt8], _ mutator: inout Mutator) -> Void = { input, mutator in
    mutator.change(&input, limit: mutator.maximumBytes)
  }

  public static let all = [
    safetensors, gguf, pyTorch, tokenizerModel, tokenizerJSON, chatTemplate, bundle, trace, config, release, archive, packed, blocks,
  ]
}
