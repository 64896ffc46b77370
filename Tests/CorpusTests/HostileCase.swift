import ByteStorage
import Testing

/// One input that must be refused: a named corruption of a tiny valid one, and what the command says to it.
struct HostileCase: Sendable, CustomTestStringConvertible {
  /// Unique over the whole corpus, in kebab-case: `safetensors-header-length-overflow`.
  let name: String
  let rule: Rule
  let kind: GriffinError.Kind
  let exit: Int32
  /// What file, tensor and message must hold together: the file's name, and what tells the place or the thing.
  let mentions: [String]
  /// After `griffin`; paths are relative to the folder that `make` fills.
  let arguments: [String]
  /// Writes the input.
  let make: @Sendable (CorpusFolder) throws -> Void

  /// - Parameters:
  ///   - exit: That of the kind, unless it is given.
  ///   - arguments: A conversion of `target`, unless they are given.
  init(
    _ name: String, rule: Rule, kind: GriffinError.Kind = .malformed, exit: Int32? = nil, mentions: [String],
    arguments: [String] = CorpusArguments.target, make: @escaping @Sendable (CorpusFolder) throws -> Void
  ) {
    (self.name, self.rule, self.kind, self.mentions) = (name, rule, kind, mentions)
    (self.arguments, self.make) = (arguments, make)
    self.exit = exit ?? HostileCase.exit(kind)
  }

  var testDescription: String { name }

  /// The contract's table.
  private static func exit(_ kind: GriffinError.Kind) -> Int32 {
    switch kind {
    case .usage: 64
    case .malformed, .unsafe, .unsupported, .inconsistent: 65
    case .missing, .unreadable: 66
    case .exists, .uncreatable: 73
    case .io, .space, .changed: 74
    case .interrupted: 130
    }
  }
}

/// One input that must be accepted, however odd it looks; the uncorrupted input of every maker is one.
struct AcceptedCase: Sendable, CustomTestStringConvertible {
  let name: String
  let rule: Rule
  /// What the warnings must hold, all together.
  let warnings: [String]
  let arguments: [String]
  let make: @Sendable (CorpusFolder) throws -> Void

  init(
    _ name: String, rule: Rule, warnings: [String] = [], arguments: [String] = CorpusArguments.target,
    make: @escaping @Sendable (CorpusFolder) throws -> Void
  ) {
    (self.name, self.rule, self.warnings, self.arguments, self.make) = (name, rule, warnings, arguments, make)
  }

  var testDescription: String { name }
}

/// Command lines that many cases share; `out.griffin` is what they would write.
enum CorpusArguments {
  static let target = ["convert", "--target", "target", "-o", "out.griffin"]
  static let draft = ["convert", "--draft", "draft", "-o", "out.griffin"]
  static let gguf = ["convert", "--target", "model.gguf", "-o", "out.griffin"]
}
