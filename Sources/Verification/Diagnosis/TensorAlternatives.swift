internal import Bundles
internal import Models
internal import Tensors

/// Where the values of a pair's tensors could belong instead: for drafts whose source has the same, or that have none.
struct TensorAlternatives {
  let host: TargetModel
  let guest: DraftModel

  func all() -> [Suspect] { rearranged() + exchanged() + scaledHalves() + embeddings() + vocabulary() + targets() }

  /// Replacements for some of the draft's tensors; nil where one cannot be made.
  private func draft(
    _ kind: String, _ cause: String, _ remedy: String, _ roles: [TensorRole], movesWeights: Bool = false,
    _ replace: @escaping (TensorRole) throws -> Replacement?
  ) -> Suspect {
    Suspect(
      kind: kind, cause: cause, remedy: remedy, half: .draft, precision: .exact,
      parts: Set(roles.compactMap { guest.tensors.name($0) }.map { "draft \($0)" }),
      movedWeights: movesWeights ? roles.compactMap { shape($0) }.reduce(0) { $0 + $1.rows * $1.columns } : 0,
      repaired: {
        var replacements: [TensorRole: Replacement] = [:]
        for role in roles {
          guard let replacement = try replace(role) else { return nil }
          replacements[role] = replacement
        }
        return PairModels(target: host, draft: try guest.altered(nil, replacements))
      })
  }

  private func shape(_ role: TensorRole) -> Rearrangement.Shape? {
    let tensors = guest.tensors
    return tensors[role].map { tensors.source.tensors[$0].shape }.map {
      Rearrangement.Shape(rows: $0.rowCount, columns: $0.rowLength, configuration: guest.configuration)
    }
  }

  /// Each rearrangement of each tensor that it applies to. Queries and keys go together: what orders one orders the other.
  private func rearranged() -> [Suspect] {
    let (tensors, configuration) = (guest.tensors, guest.configuration)
    let roles = tensors.bindings.map(\.role)
    var suspects: [Suspect] = []
    for rearrangement in Rearrangement.all {
      let touched = roles.filter { role in shape(role).map { rearrangement.applies(role, $0) } ?? false }
      let sets: [[TensorRole]]
      switch rearrangement.kind {
      case "row_order": sets = [touched]
      case "position_offset": sets = [touched.filter { $0 == .layer(0, .query) || $0 == .layer(0, .queryBias) }]
      // A sign or an offset is a matter of all norms, or of one matrix.
      case "offset": sets = [touched]
      case "sign": sets = touched.filter { $0 == .fusion(.projection) }.map { [$0] }
      case "transposed", "halves_swapped": sets = (touched.count > 1 ? [touched] : []) + touched.map { [$0] }
      default: sets = touched.map { [$0] }
      }
      for set in sets where !set.isEmpty {
        let group = TensorGroup(set[0])
        suspects.append(
          draft(
            "\(group.rawValue)_\(rearrangement.kind)", "the draft's \(group.words): \(names(set)) \(rearrangement.words)", rearrangement.remedy, set,
            movesWeights: true
          ) { role in
            try tensors.values(role).map { .matrix(rearrangement.undo(role, $0, configuration)) }
          })
      }
    }
    return suspects
  }

  private func names(_ roles: [TensorRole]) -> String {
    roles.compactMap { guest.tensors.name($0) }.listed
  }

  /// Pairs of tensors of one shape that are easily taken for each other.
  private static let pairs: [(TensorRole, TensorRole)] = [
    (.layer(0, .gate), .layer(0, .up)), (.layer(0, .key), .layer(0, .value)), (.layer(0, .query), .layer(0, .output)),
    (.layer(0, .hiddenNorm), .layer(0, .inputNorm)), (.layer(0, .postAttentionNorm), .layer(0, .inputNorm)),
    (.layer(0, .postAttentionNorm), .layer(0, .hiddenNorm)), (.layer(0, .postAttentionNorm), .finalNorm),
    (.fusion(.postNorm), .fusion(.inputNorm)), (.fusion(.postNorm), .layer(0, .postAttentionNorm)),
    (.fusion(.inputNorm), .layer(0, .postAttentionNorm)),
  ]

  private func exchanged() -> [Suspect] {
    let tensors = guest.tensors
    return TensorAlternatives.pairs.compactMap { left, right in
      guard let one = tensors[left], let other = tensors[right], tensors.source.tensors[one].shape == tensors.source.tensors[other].shape
      else { return nil }
      return draft(
        "\(TensorGroup(left).rawValue)_exchanged", "the draft's \(names([left, right])) hold each other's values",
        "give each tensor its own name's values", [left, right]
      ) { .stored((tensors.source, index: $0 == left ? other : one)) }
    }
  }

  /// The halves of a fusion whose scale one of them lost.
  private func scaledHalves() -> [Suspect] {
    let (tensors, role) = (guest.tensors, TensorRole.fusion(.projection))
    guard role.readsHalves(guest.configuration), let width = shape(role)?.columns, width % 2 == 0 else { return [] }
    let factors: [Float] = [0.1, 0.25, 0.5, 2, 4, 10]
    return [true, false].flatMap { isFirst in
      factors.map { factor in
        draft(
          "fc_half_scaled", "the draft's \(names([role])) has its \(isFirst ? "first column half (the embedding's)" : "second column half (the feature's)") scaled by about \(1 / factor)",
          "scale these columns by \(factor), or convert the draft again", [role], movesWeights: true
        ) { _ in
          try tensors.values(role).map { matrix in
            .matrix(Matrix(rows: matrix.rows, columns: matrix.columns) { ($1 < width / 2) == isFirst ? factor * matrix[$0, $1] : matrix[$0, $1] })
          }
        }
      }
    }
  }

  /// The target's embeddings and head in place of the draft's own.
  private func embeddings() -> [Suspect] {
    let (mine, theirs) = (guest.tensors, host.tensors)
    var suspects: [Suspect] = []
    if let own = mine[.tokenEmbedding], let other = theirs[.tokenEmbedding],
      mine.source.tensors[own].shape == theirs.source.tensors[other].shape, (try? mine.hasSameBytes(own, as: theirs, other)) != true
    {
      suspects.append(
        draft(
          "embedding_differs", "the draft's embeddings \(names([.tokenEmbedding])) are not the target's: \(embeddingWords())",
          "leave embed_tokens out of the draft or give it the target's, and convert again", [.tokenEmbedding]
        ) { _ in .stored((theirs.source, index: other)) })
    }
    if mine[.outputHead] != nil, let head = theirs[.outputHead] ?? theirs[.tokenEmbedding] {
      suspects.append(
        draft(
          "head_differs", "the draft's head \(names([.outputHead])) is not one for this target", "convert the draft again, with the head that it was trained with",
          [.outputHead]
        ) { _ in
          let (ids, rows) = (try DraftVocabulary(mine, configuration: guest.configuration), shape(.outputHead)?.rows ?? 0)
          guard let values = try theirs.valuesOfHead(head), values.columns == shape(.outputHead)?.columns else { return nil }
          return .matrix(Matrix(rows: rows, columns: values.columns) { values[ids.target($0), $1] })
        })
    }
    return suspects
  }

  /// What the draft's embeddings are to the target's, in words.
  private func embeddingWords() -> String {
    guard let own = try? guest.tensors.values(.tokenEmbedding), let other = try? host.tensors.values(.tokenEmbedding) else {
      return "their rows differ"
    }
    let nature = TensorNature.of(
      .tokenEmbedding, packed: own, source: other, isBlockType: false, typeName: "", configuration: guest.configuration, others: [])
    return "the table \(nature.words)".replacing("source's", with: "target's")
  }

  /// `d2t` read the other way.
  private func vocabulary() -> [Suspect] {
    let (tensors, configuration) = (guest.tensors, guest.configuration)
    guard tensors[.vocabularyOffsets] != nil, let size = configuration.eagle3?.draftVocabularySize else { return [] }
    func map(_ cause: String, _ remedy: String, _ offsets: @escaping ([Int]) -> [Int]) -> Suspect {
      Suspect(
        kind: "vocabulary_map", cause: cause, remedy: remedy, half: .draft, precision: .exact, parts: ["draft d2t"],
        repaired: {
          guard let index = tensors[.vocabularyOffsets] else { return nil }
          let offsets = offsets(try DraftVocabulary.integers(tensors.source, index))
          let draft = try guest.altered(nil, [.vocabularyOffsets: .integers(offsets), .vocabularyMask: .stored(nil)])
          return PairModels(target: host, draft: draft)
        })
    }
    return [
      map("the draft's d2t holds the target's ids themselves, and was read as offsets", "store d2t as offsets: target id = draft id + d2t") {
        $0.enumerated().map { $1 - $0 }
      },
      map("the draft's d2t is one too low", "store d2t as offsets: target id = draft id + d2t") { $0.map { $0 + 1 } },
      map("the draft's d2t is one too high", "store d2t as offsets: target id = draft id + d2t") { $0.map { $0 - 1 } },
      map("the draft's d2t is not in use: its ids are the target's first \(size)", "leave d2t at zero") { $0.map { _ in 0 } },
    ]
  }

  /// The row order of the target's queries and keys.
  private func targets() -> [Suspect] {
    let (tensors, configuration) = (host.tensors, host.configuration)
    let rotated = tensors.bindings.filter(\.role.isRotated)
    // All of them are in memory at once.
    guard rotated.reduce(0, { $0 + tensors.source.tensors[$1.index].shape.elementCount }) <= BoundTensors.closeLookElements else { return [] }
    let roles = rotated.map(\.role)
    return Rearrangement.all.filter { $0.kind == "row_order" }.map { rearrangement in
      Suspect(
        kind: "attention_row_order", cause: "the target's q_proj and k_proj: the row order of llama.cpp (GGUF) is \(rearrangement.words)",
        remedy: rearrangement.remedy, half: .target, precision: .exact, parts: ["target q_proj, k_proj"],
        repaired: {
          var replacements: [TensorRole: Replacement] = [:]
          for role in roles {
            guard let values = try tensors.values(role) else { return nil }
            replacements[role] = .matrix(rearrangement.undo(role, values, configuration))
          }
          return PairModels(target: try host.altered(nil, replacements), draft: guest)
        })
    }
  }
}

extension BoundTensors {
  /// The values at a place, where they are few enough.
  fileprivate func valuesOfHead(_ index: Int) throws -> Matrix? {
    try bindings.first { $0.index == index }.flatMap { try values($0.role) }
  }
}
