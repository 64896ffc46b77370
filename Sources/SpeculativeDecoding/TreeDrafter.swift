internal import LinearAlgebra

/// Grows a draft tree by beam search over draft passes: the dynamic tree of EAGLE-2, which GRIFFIN keeps.
///
/// - Source: GRIFFIN, `topK_generate` in the released `cnets_griffin_1.py`.
final class TreeDrafter {
  let decoder: any DraftDecoder
  private let compute: Compute
  private var regressed, features: Activations
  private var logits: Activations
  private var logProbabilities: Activations

  init(_ decoder: any DraftDecoder, compute: Compute) {
    self.decoder = decoder
    self.compute = compute
    regressed = Activations(columns: decoder.featureWidth)
    features = Activations(columns: decoder.featureWidth)
    logits = Activations(columns: decoder.outputWidth)
    logProbabilities = Activations(columns: decoder.outputWidth)
  }

  /// Rows of real text in the draft's cache.
  var length: Int { decoder.length }

  func truncate(to length: Int) { decoder.truncate(to: length) }

  /// Feeds real text: features of the target, each with the token that follows it.
  /// - Parameter new: `[tokens, hidden_size]`, or the target's tapped states.
  func extend(features new: borrowing Activations, tokens: [Int]) throws {
    let start = decoder.length
    let positions = tokens.indices.map { start + $0 }
    try decoder.read(
      features: new, tokens: tokens, positions: positions, visible: positions.map { VisibleRows(prefix: $0 + 1) },
      regressed: &regressed)
  }

  /// The logits of the token after the text fed last.
  func firstLogits() throws -> [Float] {
    try decoder.logits(from: regressed.tokens - 1, into: &logits)
    return logits.values(ofRow: 0)
  }

  /// Drafts a tree under `root` after the text fed last; the draft's cache holds only text again afterwards.
  func draft(root: Int, settings: DecodeSettings) throws -> (tree: DraftTree, record: DraftRecord) {
    let text = decoder.length
    defer { decoder.truncate(to: text) }
    var record = DraftRecord()
    let wanted = settings.totalTokens - 1
    guard wanted > 0 else { return (record.tree(root: root, count: 0), record) }

    let last = regressed.tokens - 1
    try decoder.logits(from: last, into: &logits)
    expand(row: 0, parent: -1, score: 0, level: 0, settings: settings, record: &record)
    var beams = Array(record.candidates.indices)
    // The first beam pass continues from the last feature of the text, later ones from their parents'.
    var parentRows = [Int](repeating: last, count: beams.count)
    var ancestors = [[Int]](repeating: [], count: beams.count)

    for level in 1..<settings.depth + 1 where !beams.isEmpty {
      record.beams.append(beams)
      compute.copyRows(parentRows, of: regressed, into: &features)
      let firstRow = decoder.length
      let rows = beams.indices.map { ancestors[$0] + [firstRow + $0] }
      try decoder.pass(
        features: features, tokens: beams.map { record.candidates[$0].token },
        positions: beams.map { _ in text + level - 1 }, visible: rows.map { VisibleRows(prefix: text, rows: $0) },
        regressed: &regressed)
      try decoder.logits(from: 0, into: &logits)
      let first = record.candidates.count
      for (row, beam) in beams.enumerated() {
        expand(
          row: row, parent: beam, score: record.candidates[beam].score, level: level, settings: settings, record: &record)
      }
      let next = nextBeams(among: first..<record.candidates.count, settings: settings, isLast: level == settings.depth, &record)
      let rowOfBeam = Dictionary(uniqueKeysWithValues: beams.enumerated().map { ($1, $0) })
      parentRows = next.map { rowOfBeam[record.candidates[$0].parent] ?? 0 }
      ancestors = parentRows.map { rows[$0] }
      beams = next
    }
    return (record.tree(root: root, count: wanted), record)
  }

  /// Records the best continuations of one beam, best first.
  private func expand(
    row: Int, parent: Int, score: Float, level: Int, settings: DecodeSettings, record: inout DraftRecord
  ) {
    logProbabilities.resize(tokens: 1)
    var output = logProbabilities.mutableRow(0)
    compute.logSoftmax(logits.row(row), into: &output)
    var candidates: [DraftRecord.Candidate] = []
    for output in compute.topK(logProbabilities.row(0), settings.topK + 1) {
      let total = score + logProbabilities.row(0)[output]
      candidates.append(DraftRecord.Candidate(token: decoder.token(ofOutput: output), score: total, parent: parent, level: level))
    }
    record.candidates += candidates.prefix(settings.topK)
    record.runnersUp += candidates.dropFirst(settings.topK)
    record.noteMargins(ranked: candidates.map(\.score))
  }

  /// The best of a pass's continuations, best first; ties go to the lower index.
  private func nextBeams(
    among range: Range<Int>, settings: DecodeSettings, isLast: Bool, _ record: inout DraftRecord
  ) -> [Int] {
    guard !isLast else { return [] }
    let candidates = record.candidates
    let ranked = range.sorted { (candidates[$0].score, $1) > (candidates[$1].score, $0) }
    record.noteMargins(ranked: ranked.prefix(settings.topK + 1).map { candidates[$0].score })
    return Array(ranked.prefix(settings.topK))
  }
}
