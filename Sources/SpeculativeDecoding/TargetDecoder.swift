internal import ByteStorage
public import LinearAlgebra
public import Models

/// The target model at work: its layers, its KV caches, and its passes over tokens.
///
/// A token's features and logits have the same bits whether it is decoded alone or in a tree.
public final class TargetDecoder {
  public let model: TargetModel
  let compute: Compute
  private let layers: [TransformerLayer]
  private let inputNorms: [[Float]]
  private let finalNorm: [Float]
  private let embedding: WeightMatrix
  private let head: WeightMatrix
  private let rotary: RotaryTable

  private var buffers: LayerBuffers
  private var residual: Activations
  /// Layers at whose input the residual stream is kept, for drafts that read it.
  let taps: [Int]
  /// After a pass: `[tokens, taps * hidden_size]`, the tapped states side by side.
  private(set) var tapped: Activations

  /// The tapped states of one token of the last pass.
  package func tappedValues(ofRow token: Int) -> [Float] { tapped.values(ofRow: token) }
  private var inner: Activations

  /// - Throws: What the tensors' source throws, and `unsupported` for element types that are not decoded.
  public convenience init(_ model: TargetModel, compute: Compute) throws { try self.init(model, compute: compute, taps: []) }

  /// - Parameter taps: Layers at whose input the residual stream is kept.
  package init(_ model: TargetModel, compute: Compute, taps: [Int]) throws {
    let configuration = model.configuration
    let (tensors, indices) = (model.tensors, 0..<configuration.layerCount)
    self.model = model
    self.compute = compute
    layers = try indices.map { try TransformerLayer(tensors, layer: $0, configuration: configuration) }
    inputNorms = try indices.map { try tensors.vector(.layer($0, .inputNorm)) }
    finalNorm = try tensors.vector(.finalNorm)
    embedding = try tensors.matrix(.tokenEmbedding)
    head = try configuration.tiesEmbeddings ? embedding : tensors.matrix(.outputHead)
    rotary = RotaryTable(configuration)
    buffers = LayerBuffers(configuration)
    residual = Activations(columns: configuration.hiddenSize)
    inner = Activations(columns: configuration.hiddenSize)
    self.taps = taps
    tapped = Activations(columns: max(taps.count, 1) * configuration.hiddenSize)
  }

  public var configuration: TransformerConfiguration { model.configuration }
  private var multipliers: Multipliers? { model.configuration.multipliers }

  /// Tokens in the caches.
  public var length: Int { layers[0].cache.count }

  /// Forgets the tokens from `length` on.
  public func truncate(to length: Int) {
    for layer in layers { layer.cache.truncate(to: length) }
  }

  /// Drops one layer's keys and values, and gives their memory back.
  func clearCache(ofLayer index: Int) { layers[index].cache.clear() }

  /// Keeps the first `prefix` tokens and, right after them, the given cache rows.
  public func keep(prefix: Int, rows: [Int]) {
    for layer in layers { layer.cache.keep(prefix: prefix, rows: rows) }
  }

  /// Decodes tokens that follow each other.
  /// - Parameters:
  ///   - isPrefill: Whether they are a prompt, which may take the faster path whose bits are its own.
  ///   - features: `[tokens, hidden_size]`, after the final norm: what feeds the output head.
  public func decode(_ tokens: [Int], isPrefill: Bool = false, features: inout Activations) throws {
    let start = length
    let positions = tokens.indices.map { start + $0 }
    try run(
      tokens, positions: positions, visible: positions.map { VisibleRows(prefix: $0 + 1) }, isPrefill: isPrefill,
      features: &features)
  }

  /// Decodes a tree under the text: each node sees the text, its ancestors and itself.
  /// - Parameter features: `[nodes, hidden_size]`, after the final norm.
  public func decode(_ tree: DraftTree, features: inout Activations) throws {
    let start = length
    try run(
      tree.tokens, positions: tree.depths.map { start + $0 },
      visible: (0..<tree.nodeCount).map { VisibleRows(prefix: start, rows: tree.path(to: $0).map { start + $0 }) },
      isPrefill: false, features: &features)
  }

  /// Seconds of a pass over tokens through one layer alone, which are forgotten again.
  package func seconds(of tokens: [Int], isPrefill: Bool, throughLayer layer: Int, features: inout Activations) throws -> Double {
    let (start, length) = (ContinuousClock.now, length)
    let positions = tokens.indices.map { length + $0 }
    try run(
      tokens, positions: positions, visible: positions.map { VisibleRows(prefix: $0 + 1) }, isPrefill: isPrefill, through: layer..<layer + 1,
      features: &features)
    let seconds = start.secondsSince
    truncate(to: length)
    return seconds
  }

  /// The output head: `[tokens, hidden_size]` to `[tokens, vocab_size]`.
  public func logits(_ features: borrowing Activations, into logits: inout Activations) throws {
    try self.logits(features, by: nil, into: &logits)
  }

  /// The output head, or some of its rows that a draft has.
  /// - Parameter rows: nil for the whole head.
  func logits(_ features: borrowing Activations, by rows: WeightMatrix?, into logits: inout Activations) throws {
    try compute.multiply(features, by: rows ?? head, into: &logits)
    if let multipliers { compute.scale(&logits, by: 1 / Float(multipliers.logitsDivisor)) }
  }

  /// Shows what feeds the output head to who watches it, without the product.
  func observeHead(_ features: borrowing Activations) { compute.observe(features, for: head) }

  /// The token embedding as it is stored, which drafts read: a row of `[tokens, hidden_size]` for each token.
  func embed(_ tokens: [Int], into y: inout Activations) throws {
    try compute.gather(tokens, of: embedding, into: &y)
  }

  /// The residual stream before the first layer, `[tokens, hidden_size]`.
  func enter(_ tokens: [Int], into stream: inout Activations) throws {
    try embed(tokens, into: &stream)
    if let multipliers { compute.scale(&stream, by: Float(multipliers.embedding)) }
  }

  private func run(
    _ tokens: [Int], positions: [Int], visible: [VisibleRows], isPrefill: Bool, through some: Range<Int>? = nil, features: inout Activations
  ) throws {
    let pass = pass(positions, visible: visible, isPrefill: isPrefill)
    try enter(tokens, into: &residual)
    for index in some ?? layers.indices { try apply(index, pass, to: &residual, tapped: &tapped) }
    compute.rmsNorm(residual, weight: finalNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &features)
  }

  /// What the tokens of one pass have in common.
  func pass(_ positions: [Int], visible: [VisibleRows], isPrefill: Bool) -> Pass {
    Pass(
      compute: compute, rotary: rotary, positions: positions, visible: visible, window: configuration.slidingWindow?.size,
      isPrefill: isPrefill)
  }

  /// One layer.
  /// - Parameters:
  ///   - stream: `[tokens, hidden_size]`, the residual stream, which the layer adds to.
  ///   - tapped: Gets the layer's input where it is a tapped one.
  func apply(_ index: Int, _ pass: Pass, to stream: inout Activations, tapped: inout Activations) throws {
    let layer = layers[index]
    if let place = taps.firstIndex(of: index) {
      compute.copyColumns(0..<stream.columns, of: stream, into: &tapped, at: place * stream.columns)
    }
    compute.rmsNorm(stream, weight: inputNorms[index], epsilon: Float(configuration.rmsNormEpsilon), into: &buffers.attentionInput)
    try layer.attend(pass: pass, buffers: &buffers, into: &inner)
    addInner(to: &stream)
    try layer.feedForward(stream, pass: pass, buffers: &buffers, into: &inner)
    addInner(to: &stream)
  }

  /// What a half of a layer made joins the residual stream.
  private func addInner(to stream: inout Activations) {
    if let multipliers { compute.scale(&inner, by: Float(multipliers.residual)) }
    compute.add(inner, into: &stream)
  }

  /// The final norm, in place.
  func finish(_ stream: inout Activations) {
    compute.rmsNorm(stream, weight: finalNorm, epsilon: Float(configuration.rmsNormEpsilon), into: &inner)
    swap(&stream, &inner)
  }
}
