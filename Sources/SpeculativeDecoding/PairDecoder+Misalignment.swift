public import ByteStorage
internal import LinearAlgebra
internal import Models

extension PairDecoder {
  /// Rows that go through the draft and the output head together; bounds the memory of their logits.
  private static let chunk = 64

  /// A chain of draft passes over the prefix of a document, the draft's own features fed back.
  private struct Chain {
    /// The last pair of the document's prefix.
    let pair: Int
    /// Cache rows of the pairs that were appended.
    var rows: [Int] = []
  }

  /// Counts in which of its passes the draft still chooses what the target chooses, over every prefix of a document.
  ///
  /// Pair `i` is the feature of position `i` and the token after it. A chain begins at each pair that `counted` allows and
  /// whose token is the target's own choice; it goes on as long as the draft's choice is the target's.
  /// All chains of a pass go through the draft together: each sees the pairs of its prefix and its own.
  ///
  /// - Parameters:
  ///   - tokens: The document, each id within the vocabulary.
  ///   - counted: For each position, whether its pair counts; nil counts all.
  ///   - onFirstPass: Told of each pair that counts in the first pass, and whether the draft chose what the target does.
  /// - Throws: What the sources throw, and `interrupted`.
  /// - Precondition: `canSpeculate`.
  public func misalignments(
    _ tokens: [Int], counted: [Bool]? = nil, cancellation: Cancellation = Cancellation(), onFirstPass: (_ pair: Int, _ isAligned: Bool) -> Void = { _, _ in }
  ) throws -> MisalignmentCounts {
    var counts = MisalignmentCounts()
    guard tokens.count > 2 else { return counts }
    var features = Activations(tokens: tokens.count, columns: readsTaps ? target.tapped.columns : target.configuration.hiddenSize)
    let choices = try choices(tokens, features: &features, cancellation: cancellation)
    // The pair at the last position has no token of the document after it.
    let pairs = tokens.count - 1
    var regressed = Activations(columns: draftDecoder?.featureWidth ?? features.columns)
    var next = Activations(columns: regressed.columns)
    var predictions = try draftPass(
      features, rows: Array(0..<pairs), tokens: Array(tokens[1...]), positions: Array(0..<pairs),
      visible: (0..<pairs).map { VisibleRows(prefix: $0 + 1) }, regressed: &regressed, cancellation: cancellation)
    /// Whether a chain whose last pair is `pair` is still on the target's greedy path.
    func isOnPath(_ pair: Int) -> Bool {
      pair < pairs && counted?[pair] != false && tokens[pair + 1] == choices[pair]
    }
    var chains = (0..<pairs).map { Chain(pair: $0) }
    for pass in 0..<MisalignmentCounts.passes {
      var (alive, aliveRows): ([Chain], [Int]) = ([], [])
      for (row, chain) in chains.enumerated() where isOnPath(chain.pair + pass) {
        let isAligned = predictions[row] == choices[chain.pair + pass + 1]
        if pass == 0 { onFirstPass(chain.pair, isAligned) }
        guard isAligned else {
          counts.fail(fromPass: pass)
          continue
        }
        counts.succeed(inPass: pass)
        alive.append(chain)
        aliveRows.append(row)
      }
      guard pass + 1 < MisalignmentCounts.passes, !alive.isEmpty else { break }
      let first = draftLength
      for index in alive.indices { alive[index].rows.append(first + index) }
      predictions = try draftPass(
        regressed, rows: aliveRows, tokens: aliveRows.map { predictions[$0] }, positions: alive.map { $0.pair + pass + 1 },
        visible: alive.map { VisibleRows(prefix: $0.pair + 1, rows: $0.rows) }, regressed: &next, cancellation: cancellation)
      swap(&regressed, &next)
      chains = alive
    }
    truncateDraft()
    return counts
  }

  /// The target's features of a document, and its choice after each position.
  /// - Parameter features: What the draft reads, a row a token.
  private func choices(_ tokens: [Int], features: inout Activations, cancellation: Cancellation) throws -> [Int] {
    forgetPrompt()
    var part = Activations(columns: target.configuration.hiddenSize)
    var logits = Activations(columns: target.configuration.vocabularySize)
    var choices: [Int] = []
    for start in stride(from: 0, to: tokens.count, by: PairDecoder.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(start + PairDecoder.chunk, tokens.count)])
      try target.decode(chunk, features: &part)
      try target.logits(part, into: &logits)
      for row in chunk.indices {
        if readsTaps {
          features.copyRow(row, of: target.tapped, to: start + row)
        } else {
          features.copyRow(row, of: part, to: start + row)
        }
        choices.append(compute.argmax(logits.row(row)))
      }
    }
    return choices
  }

  /// One pass of the draft over any number of pairs, in chunks, and its choice after each.
  private func draftPass(
    _ source: borrowing Activations, rows: [Int], tokens: [Int], positions: [Int], visible: [VisibleRows],
    regressed: inout Activations, cancellation: Cancellation
  ) throws -> [Int] {
    guard let decoder = draftDecoder else { preconditionFailure("there is no draft") }
    regressed.resize(tokens: rows.count)
    var input = Activations(columns: source.columns)
    var part = Activations(columns: decoder.featureWidth)
    var logits = Activations(columns: decoder.outputWidth)
    var choices: [Int] = []
    for start in stride(from: 0, to: rows.count, by: PairDecoder.chunk) {
      try cancellation.check()
      let range = start..<min(start + PairDecoder.chunk, rows.count)
      compute.copyRows(Array(rows[range]), of: source, into: &input)
      try decoder.pass(
        features: input, tokens: Array(tokens[range]), positions: Array(positions[range]), visible: Array(visible[range]),
        regressed: &part)
      try decoder.logits(from: 0, into: &logits)
      for row in range {
        regressed.copyRow(row - start, of: part, to: row)
        choices.append(decoder.token(ofOutput: compute.argmax(logits.row(row - start))))
      }
    }
    return choices
  }
}
