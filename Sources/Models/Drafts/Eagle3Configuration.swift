public import ByteStorage

/// What an EAGLE-3 draft has beside the hyper-parameters of a transformer.
public struct Eagle3Configuration: Sendable, Hashable {
  /// Which states of the target are fused: the residual stream at the input of some of its layers.
  public enum TapRule: Sendable, Hashable {
    /// Layers 2, n / 2 and n - 3 of n: what the released implementation always takes.
    case standard
    /// `eagle_aux_hidden_state_layer_ids` of the configuration itself, as vLLM and speculators write it: layers whose
    /// input is taken.
    case layerInputs([Int])
    /// The same key under `eagle_config`, as ModelOpt writes it: layers whose output is taken.
    case layerOutputs([Int])
  }

  /// Rows of the draft's own head (`draft_vocab_size`); `vocab_size` where the file is silent.
  public var draftVocabularySize: Int
  /// Which norms the states have before they are fused (EAGLE-3.1, and drafts for gpt-oss).
  public enum StateNorms: Sendable, Hashable {
    case none
    /// One for each state (`fc_norm`).
    case each
    /// One over all of them side by side (`norm_before_fc`).
    case together
  }

  /// Width of the target's states (`target_hidden_size`); the draft's own width where the file is silent.
  public var targetHiddenSize: Int
  public var taps: TapRule
  /// Whether the residual is the normalised feature (`norm_before_residual`), as some drafts of the speculators library
  /// have it; the released implementation's is not.
  public var normalisesResidual: Bool
  public var stateNorms: StateNorms
  /// Whether the feature of the next pass is what the head reads, after the final norm (`norm_output`, EAGLE-3.1).
  public var normalisesOutput: Bool

  /// States that are fused: as many as are named.
  public var tapCount: Int {
    switch taps {
    case .standard: Eagle3Configuration.standardTapCount
    case .layerInputs(let ids), .layerOutputs(let ids): ids.count
    }
  }

  /// States that are fused where none are named.
  public static let standardTapCount = 3
  /// More states than any draft fuses.
  private static let tapLimit = 64

  private static let limits = (vocabulary: 1...16_777_216, width: 1...1_048_576, layers: -1...4096)

  /// - Throws: `malformed` for mistyped keys, `inconsistent` for two kinds of norms at once or another number of states than are named,
  ///   `unsupported` for what is not decoded.
  init(reading document: ConfigDocument, vocabularySize: Int, hiddenSize: Int) throws(GriffinError) {
    draftVocabularySize = try document.integer("draft_vocab_size", in: Eagle3Configuration.limits.vocabulary) ?? vocabularySize
    targetHiddenSize = try document.integer("target_hidden_size", in: Eagle3Configuration.limits.width) ?? hiddenSize
    normalisesResidual = try document.bool("norm_before_residual") ?? false
    normalisesOutput = try document.bool("norm_output") ?? false
    let (each, together) = (try document.bool("fc_norm") ?? false, try document.bool("norm_before_fc") ?? false)
    guard !each || !together else {
      throw GriffinError(.inconsistent, file: document.file, "fc_norm and norm_before_fc are both set; the states are normalised one way or the other")
    }
    stateNorms = each ? .each : together ? .together : .none
    try Eagle3Configuration.refuseWindows(document)
    let inner = try ConfigDocument(document.value("eagle_config") ?? [:], file: document.file)
    for place in [document, inner] { try Eagle3Configuration.refuseOtherInputs(place) }
    let (own, nested) = (try Eagle3Configuration.layers(document), try Eagle3Configuration.layers(inner))
    // A manifest says which of the two it was.
    let isOutput = try document.string("eagle_tap_rule") == "layer_outputs"
    if let own {
      taps = isOutput ? .layerOutputs(own) : .layerInputs(own)
    } else if let nested {
      taps = .layerOutputs(nested)
    } else {
      taps = .standard
    }
    guard tapCount != 1 || targetHiddenSize != hiddenSize else {
      throw GriffinError(
        .unsupported, file: document.file, "the draft reads one state of its own width; it cannot be told from what the draft hands on to itself")
    }
    if let count = try document.integer("num_aux_hidden_states", in: 1...Eagle3Configuration.tapLimit), count != tapCount {
      throw GriffinError(
        .inconsistent, file: document.file, "num_aux_hidden_states is \(count), and \(tapCount) layers of the target are read",
        hints: ["eagle_aux_hidden_state_layer_ids names the layers"])
    }
  }

  private static func layers(_ document: ConfigDocument) throws(GriffinError) -> [Int]? {
    let key = "eagle_aux_hidden_state_layer_ids"
    guard document.value(key) != nil else { return nil }
    let layers = try document.tokens(key)
    // ModelOpt writes an empty list for its default, which is the released one.
    guard !layers.isEmpty else { return nil }
    guard layers.count <= tapLimit, layers.allSatisfy(limits.layers.contains) else {
      throw GriffinError(.malformed, file: document.file, "\(key) is \(layers.prefix(8)); expected at most \(tapLimit) layers")
    }
    return layers
  }

  /// The layers of a target at whose input a state is taken, ascending.
  ///
  /// What a file means by its layer ids is known where they are the standard ones, or those less one: then they are taken
  /// as inputs, or as outputs, wherever they stand.
  /// - Throws: `inconsistent` where two coincide or the target has no such layer.
  public func tappedLayers(ofTarget layerCount: Int, file: String? = nil) throws(GriffinError) -> [Int] {
    let standard = [2, layerCount / 2, layerCount - 3]
    let layers: [Int]
    switch taps {
    case .standard: layers = standard
    case .layerInputs(let ids) where ids.map({ $0 + 1 }) == standard, .layerOutputs(let ids) where ids == standard:
      layers = standard
    case .layerInputs(let ids): layers = ids
    case .layerOutputs(let ids): layers = ids.map { $0 + 1 }
    }
    let isAscending = zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 }
    guard isAscending, let first = layers.first, let last = layers.last, first >= 0, last < layerCount else {
      throw GriffinError(
        .inconsistent, file: file,
        "an EAGLE-3 draft reads the states before layers \(layers.map(String.init).joined(separator: ", ")) of its target, which has \(layerCount) layers; "
          + "expected different ones in ascending order",
        hints: taps == .standard
          ? ["targets of fewer than 7 layers have no such states"] : ["eagle_aux_hidden_state_layer_ids of the draft's config.json names them"])
    }
    return layers
  }

  /// The keys of a manifest.
  var members: [(key: String, value: JSONValue)] {
    var members: [(key: String, value: JSONValue)] = [
      ("draft_vocab_size", .integer(draftVocabularySize)), ("target_hidden_size", .integer(targetHiddenSize)),
      ("norm_before_residual", .bool(normalisesResidual)),
    ]
    // What is as in EAGLE-3 is not written, so that bundles of such drafts are what they were.
    if stateNorms == .each { members.append(("fc_norm", true)) }
    if stateNorms == .together { members.append(("norm_before_fc", true)) }
    if normalisesOutput { members.append(("norm_output", true)) }
    switch taps {
    case .standard: members.append(("eagle_tap_rule", "standard"))
    case .layerInputs(let ids):
      members += [("eagle_tap_rule", "layer_inputs"), ("eagle_aux_hidden_state_layer_ids", .array(ids.map { .integer($0) }))]
    case .layerOutputs(let ids):
      members += [("eagle_tap_rule", "layer_outputs"), ("eagle_aux_hidden_state_layer_ids", .array(ids.map { .integer($0) }))]
    }
    return members
  }
}
