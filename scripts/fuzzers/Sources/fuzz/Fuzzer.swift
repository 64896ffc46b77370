/// One reader under libFuzzer. A new one is its own file and one line in `all`.
struct Fuzzer: Sendable {
  let name: String
  /// What it reads, in a line.
  let description: String
  /// Bytes that an input has at most.
  let maximumBytes: Int
  /// Reads the input as a user's command would, and everything in it. What it throws is the reader's answer: a typed
  /// error is a good one.
  let read: @Sendable (_ input: [UInt8]) throws -> Void
  /// Small valid inputs, of several shapes.
  let seeds: @Sendable () throws -> [(name: String, bytes: [UInt8])]
  /// Changes an input so that checksums do not keep every change out of the deeper code; nil for libFuzzer's own.
  var mutate: (@Sendable (_ input: inout [UInt8], _ mutator: inout Mutator) -> Void)?

  static let all = [safetensors, gguf, pyTorch, tokenizerModel, tokenizerJSON, bundle, trace]
}
