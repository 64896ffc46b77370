internal import ByteStorage
internal import Tensors

extension Eagle3Configuration {
  /// What ModelOpt's configurations can ask for that changes what a draft computes.
  private static let expected = [
    ("use_aux_hidden_state", true, "the draft reads the target's last state alone instead of three"),
    ("use_input_layernorm_in_first_layer", true, "embeddings enter without a norm"),
    ("use_last_layernorm", true, "the head reads the output without a norm"),
    ("use_mtp_layernorm", false, "there are norms of its own before the fusion"),
  ]

  /// - Throws: `unsupported` for a draft that takes in or gives out something else than EAGLE-3 does.
  static func refuseOtherInputs(_ document: ConfigDocument) throws(GriffinError) {
    for (key, value, meaning) in expected {
      guard let found = try document.bool(key), found != value else { continue }
      throw GriffinError(
        .unsupported, file: document.file, "\(key) is \(found): \(meaning), which is not how EAGLE-3 drafts are decoded here",
        hints: ["where the file is wrong about that, correct the key in config.json"])
    }
  }

  /// - Throws: `unsupported` for layers that see the last positions alone.
  static func refuseWindows(_ document: ConfigDocument) throws(GriffinError) {
    let types = document.value("layer_types")?.array?.compactMap(\.string) ?? []
    guard types.contains("sliding_attention"), document.value("sliding_window") != nil, try document.bool("use_sliding_window") != false else { return }
    throw GriffinError(.unsupported, file: document.file, "layer_types has sliding_attention; drafts whose layers see the last positions alone are not decoded")
  }

  /// An error of tensors that do not fit their configuration, with the key that may be missing there.
  static func hinting(_ error: GriffinError, _ table: TensorTable, _ document: ConfigDocument, _ kind: DraftKind) -> GriffinError {
    guard kind.name == DraftKind.eagle3.name, error.kind == .inconsistent, document.value("draft_vocab_size") == nil,
      let rows = (table["d2t"] ?? table["lm_head.weight"])?.shape.dimensions.first,
      (document.value("vocab_size")?.integer).map({ $0 != rows }) == true
    else { return error }
    var error = error
    error.message = "draft_vocab_size is missing, and the draft has a head of \(rows) tokens; " + error.message
    error.hints.insert("add \"draft_vocab_size\": \(rows) to the draft's config.json", at: 0)
    return error
  }
}

extension DraftKind {
  /// - Throws: `unsupported` for a draft that predicts several tokens in one pass (P-EAGLE), whatever else it is like.
  static func refuseParallel(_ table: TensorTable, _ document: ConfigDocument) throws(GriffinError) {
    let architectures = document.value("architectures")?.array?.compactMap(\.string) ?? []
    let isParallel =
      table["mask_hidden"] != nil || document.value("parallel_drafting")?.bool == true
      || document.value("speculators_model_type")?.string == "peagle" || architectures.contains { $0.lowercased().hasPrefix("peagle") }
    guard isParallel else { return }
    throw GriffinError(
      .unsupported, file: document.file,
      "the draft is a P-EAGLE, which predicts several tokens in one pass; known kinds: \(all.map(\.name).joined(separator: ", "))")
  }
}
