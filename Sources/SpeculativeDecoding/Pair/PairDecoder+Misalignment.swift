#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
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
    guard tokens.count > 2 else { return MisalignmentCounts() }
    let text = try read(tokens, cancellation: cancellation)
    return try walk(text, counted: counted, cancellation: cancellation) { pair, pass, isAligned in
      if pass == 0 { onFirstPass(pair, isAligned) }
    }.counts
  }

  /// Runs the draft over every prefix of a text that was read, its own features fed back.
  /// - Parameters:
  ///   - text: What a target with the same taps made of it.
  ///   - beginsAnywhere: Whether a chain begins at pairs too whose token is not the target's own.
  ///   - onPass: Told of each pair whose chain came to a pass, and whether the draft chose what the target does.
  /// - Returns: The counts, and the draft's choice of the first pass after each pair.
  /// - Precondition: `canSpeculate`.
  func walk(
    _ text: TextReading, counted: [Bool]? = nil, beginsAnywhere: Bool = false, cancellation: Cancellation,
    onPass: (_ pair: Int, _ pass: Int, _ isAligned: Bool) -> Void
  ) throws -> (counts: MisalignmentCounts, first: [ModelChoice]) {
    var counts = MisalignmentCounts()
    let (tokens, choices) = (text.tokens, text.choices)
    guard tokens.count > 2 else { return (counts, []) }
    forgetPrompt()
    // The pair at the last position has no token of the document after it.
    let pairs = tokens.count - 1
    var regressed = Activations(columns: draftDecoder?.featureWidth ?? text.features.columns)
    var next = Activations(columns: regressed.columns)
    var predictions = try draftPass(
      text.features, rows: Array(0..<pairs), tokens: Array(tokens[1...]), positions: Array(0..<pairs),
      visible: (0..<pairs).map { VisibleRows(prefix: $0 + 1) }, isText: true, isScored: text.isScored, regressed: &regressed,
      cancellation: cancellation)
    let first = predictions
    /// Whether a chain whose last pair is `pair` is still on the target's greedy path.
    func isOnPath(_ pair: Int) -> Bool {
      pair < pairs && counted?[pair] != false && tokens[pair + 1] == choices[pair].token
    }
    var chains = (0..<pairs).map { Chain(pair: $0) }
    for pass in 0..<MisalignmentCounts.passes {
      var (alive, aliveRows): ([Chain], [Int]) = ([], [])
      for (row, chain) in chains.enumerated() where isOnPath(chain.pair + pass) || beginsAnywhere && pass == 0 {
        let isAligned = predictions[row].token == choices[chain.pair + pass + 1].token
        onPass(chain.pair, pass, isAligned)
        guard isAligned else {
          counts.fail(fromPass: pass)
          continue
        }
        counts.succeed(inPass: pass)
        alive.append(chain)
        aliveRows.append(row)
      }
      guard pass + 1 < MisalignmentCounts.passes, !alive.isEmpty else { break }
      let row = draftLength
      for index in alive.indices { alive[index].rows.append(row + index) }
      predictions = try draftPass(
        regressed, rows: aliveRows, tokens: aliveRows.map { predictions[$0].token }, positions: alive.map { $0.pair + pass + 1 },
        visible: alive.map { VisibleRows(prefix: $0.pair + 1, rows: $0.rows) }, regressed: &next, cancellation: cancellation)
      swap(&regressed, &next)
      chains = alive
    }
    truncateDraft()
    return (counts, first)
  }

  /// The target's pass over a text: what the draft reads of it, and the target's choice after each position.
  /// - Parameter isScored: Whether choices come with their log-probabilities, the draft's in a walk over the text too.
  /// - Throws: What the source throws, and `interrupted`.
  func read(_ tokens: [Int], isScored: Bool = false, cancellation: Cancellation) throws -> TextReading {
    forgetPrompt()
    let text = TextReading(tokens: tokens, isScored: isScored, columns: readsTaps ? target.tapped.columns : target.configuration.hiddenSize)
    var part = Activations(columns: target.configuration.hiddenSize)
    var logits = Activations(columns: target.configuration.vocabularySize)
    for start in stride(from: 0, to: tokens.count, by: PairDecoder.chunk) {
      try cancellation.check()
      let chunk = Array(tokens[start..<min(start + PairDecoder.chunk, tokens.count)])
      try target.decode(chunk, features: &part)
      try target.logits(part, into: &logits)
      for row in chunk.indices {
        if readsTaps {
          text.features.copyRow(row, of: target.tapped, to: start + row)
        } else {
          text.features.copyRow(row, of: part, to: start + row)
        }
        text.choices.append(choice(logits.row(row), isScored: isScored) { $0 })
      }
    }
    return text
  }

  /// The best of some logits, with its log-probability where that is asked for.
  private func choice(_ logits: Span<Float>, isScored: Bool, _ token: (Int) -> Int) -> ModelChoice {
    let best = compute.argmax(logits)
    guard isScored else { return ModelChoice(token: token(best), logProbability: nil) }
    var sum = 0.0
    for index in logits.indices { sum += exp(Double(logits[index] - logits[best])) }
    return ModelChoice(token: token(best), logProbability: -log(sum))
  }

  /// One pass of the draft over any number of pairs, in chunks, and its choice after each.
  /// - Parameter isText: Whether the features are the target's.
  private func draftPass(
    _ source: borrowing Activations, rows: [Int], tokens: [Int], positions: [Int], visible: [VisibleRows],
    isText: Bool = false, isScored: Bool = false, regressed: inout Activations, cancellation: Cancellation
  ) throws -> [ModelChoice] {
    guard let decoder = draftDecoder else { preconditionFailure("there is no draft") }
    regressed.resize(tokens: rows.count)
    var input = Activations(columns: source.columns)
    var part = Activations(columns: decoder.featureWidth)
    var logits = Activations(columns: decoder.outputWidth)
    var choices: [ModelChoice] = []
    for start in stride(from: 0, to: rows.count, by: PairDecoder.chunk) {
      try cancellation.check()
      let range = start..<min(start + PairDecoder.chunk, rows.count)
      compute.copyRows(Array(rows[range]), of: source, into: &input)
      let (tokens, positions, visible) = (Array(tokens[range]), Array(positions[range]), Array(visible[range]))
      if isText {
        try decoder.read(features: input, tokens: tokens, positions: positions, visible: visible, regressed: &part)
      } else {
        try decoder.pass(features: input, tokens: tokens, positions: positions, visible: visible, regressed: &part)
      }
      try decoder.logits(from: 0, into: &logits)
      for row in range {
        regressed.copyRow(row - start, of: part, to: row)
        choices.append(choice(logits.row(row - start), isScored: isScored, decoder.token))
      }
    }
    return choices
  }
}
