internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import SpeculativeDecoding
internal import Tokenization

/// What a verification decodes, made ready.
struct Agenda {
  let settings: DecodeSettings
  let processing: TextProcessing
  let prompts: [VerificationRequest.Prompt]
  /// Text that was given, as ids.
  let given: [[Int]]
  /// All that is decoded: the prompts, then windows of text, given or the program's own.
  let units: [VerificationUnit]
  private let isMine: @Sendable (_ unit: Int) -> Bool
  /// Whether prompts are text too, with what they are answered.
  let readsPrompts: Bool
  /// Tokens to decode by what they are decoded for, but for those of prompts.
  private(set) var planned: [DecodingWork: Int] = [:]

  /// - Throws: What encoding throws.
  init(_ request: VerificationRequest, _ target: TargetModel, _ draft: DraftModel?, _ text: TextFiles?, file: String) throws {
    var settings = request.settings
    processing = TextProcessing(text, format: request.promptFormat, file: file)
    if settings.stopTokens.isEmpty { settings.stopTokens = target.stopTokens(processing) }
    if request.usesDefaultDepth, let draft { settings.depth = draft.kind.defaultDepth }
    self.settings = settings
    prompts = Agenda.prompts(request, processing, target.configuration)
    let encoder = processing
    given = try request.texts + request.plainTexts.map { try encoder.encoder().tokenizer.encode($0) }
    readsPrompts = given.isEmpty
    let builtin = request.against == nil || !given.isEmpty || prompts.isEmpty ? [] : BuiltinTexts.encoded(processing, target.configuration)
    units = prompts.map { .prompt($0) } + Verifier.windows(given + builtin).map { .text($0) }
    let (share, isMerging) = (request.share, !request.merged.isEmpty)
    isMine = { !isMerging && share?.contains($0) ?? true }

    let sides = request.against == nil ? 1 : 2
    let mine = unitsHere.map { units[$0] }
    let generated = mine.reduce(0) { $0 + $1.turnCount } * settings.maxNewTokens
    let traced = request.traces.reduce(0) { $0 + $1.trace.cases.reduce(0) { $0 + $1.vanillaIDs.count } }
    let text = mine.reduce(0) { $0 + $1.textCount } + (readsPrompts ? generated : 0)
    planned[.plain] = sides * generated + traced
    if draft != nil {
      planned[.speculative] = sides * generated + traced
      planned[.misalignment] = prompts.isEmpty && given.isEmpty ? 0 : sides * text
    }
    if request.against != nil { planned[.comparison] = text }
  }

  /// The places of the units that are decoded here.
  var unitsHere: [Int] { units.indices.filter(isMine) }

  /// Tokens of each prompt that is decoded here, its answer left out.
  func promptTokens() throws -> [[Int]] {
    var all: [[Int]] = []
    for (index, prompt) in prompts.enumerated() where isMine(index) {
      try prompt.forEachTurn(encoder: processing.encoder) { _, ids in
        all.append(ids)
        return []
      }
    }
    return all
  }

  /// The prompts to decode: those that were asked for, else the first of the built-in ones.
  private static func prompts(
    _ request: VerificationRequest, _ processing: TextProcessing, _ configuration: TransformerConfiguration
  ) -> [VerificationRequest.Prompt] {
    let isAsked = request.prompts != nil || !request.traces.isEmpty
    guard request.usesAllBuiltinPrompts || !isAsked else { return request.prompts ?? [] }
    let builtin = BuiltinPrompts.all(processing, configuration)
    return (request.prompts ?? []) + builtin.prefix(request.usesAllBuiltinPrompts ? builtin.count : Verifier.builtinPromptCount)
  }
}
