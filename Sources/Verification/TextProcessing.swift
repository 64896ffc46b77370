public import Bundles
public import ByteStorage
public import Models
public import Tokenization

/// What text costs a model: its tokenizer and conversation format, asked for only where there is text.
public struct TextProcessing: Sendable {
  private let prepared: Result<PromptEncoder, GriffinError>
  /// The tokenizer, where there is one that can be used.
  private let tokenizer: Tokenizer?

  /// - Parameters:
  ///   - text: nil where the model has no files.
  ///   - format: How the user wants conversations written.
  ///   - file: Named where there is no tokenizer.
  public init(_ text: TextFiles?, format: PromptFormat.Request, file: String) {
    tokenizer = text?.tokenizer
    do throws(GriffinError) {
      guard let text else { throw TextFiles.missing(file: file) }
      prepared = .success(try text.encoder(format))
    } catch {
      prepared = .failure(error)
    }
  }

  /// Whether text can be encoded at all.
  public var canEncode: Bool { tokenizer != nil }

  /// - Throws: `usage` where there is no tokenizer or the format does not go with it, and what is wrong with one that
  ///   cannot be used.
  public func encoder() throws(GriffinError) -> PromptEncoder { try prepared.get() }

  /// How prompts as text are written, in the contract's form.
  public var format: PromptFormat { (try? prepared.get())?.format ?? .none }

  /// What the user should know where prompts are text.
  public var warnings: [String] { (try? prepared.get())?.warnings ?? [] }

  /// The ids that end a turn of a conversation.
  var endOfTurnTokens: [Int] { (try? prepared.get())?.endOfTurnTokens ?? tokenizer?.endOfTurnTokens ?? [] }
}

extension TargetModel {
  /// The ids that end a generation: those of its configuration, and the tokens that end a turn of a conversation.
  public func stopTokens(_ processing: TextProcessing) -> Set<Int> {
    configuration.stopTokens.union(processing.endOfTurnTokens.filter((0..<configuration.vocabularySize).contains))
  }
}
