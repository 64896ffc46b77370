internal import ByteStorage

/// Attention that reaches back over the last positions only, in some layers or in all.
public struct SlidingWindow: Sendable, Hashable {
  /// Positions that a token sees, its own included (`sliding_window`).
  public let size: Int
  /// Whether each layer slides.
  public let layers: [Bool]

  /// nil where no layer slides.
  public init?(size: Int, layers: [Bool]) {
    guard layers.contains(true) else { return nil }
    (self.size, self.layers) = (size, layers)
  }

  /// The positions that tokens of a layer see, nil for all.
  public func size(inLayer layer: Int) -> Int? { layer < layers.count && layers[layer] ? size : nil }

  /// Reads `sliding_window` and, layer by layer, `layer_types`; no layer slides where there is no such list.
  /// - Throws: `malformed` for a list of another length or without a window, `unsupported` for other kinds of layers.
  init?(reading document: ConfigDocument, layerCount: Int) throws(GriffinError) {
    guard let layers = try document.slidingLayers(layerCount), layers.contains(true) else { return nil }
    guard let size = try document.windowSize() else { throw document.absent("sliding_window") }
    self.init(size: size, layers: layers)
  }

  /// Reads the keys of Qwen: `use_sliding_window` enables it, `layer_types` or else `max_window_layers` says where.
  init?(readingQwen document: ConfigDocument, layerCount: Int) throws(GriffinError) {
    guard try document.bool("use_sliding_window") ?? false else { return nil }
    let first = try document.integer("max_window_layers", in: 0...1_000_000) ?? 28
    let layers = try document.slidingLayers(layerCount) ?? (0..<layerCount).map { $0 >= first }
    self.init(size: try document.windowSize() ?? 4096, layers: layers)
  }

  /// Reads the key of Mistral and Mixtral, which enables it in every layer.
  /// - Parameter absent: What a configuration without the key means; null means none.
  init?(readingMistral document: ConfigDocument, absent: Int?, layerCount: Int) throws(GriffinError) {
    guard let size = document.object["sliding_window"] == nil ? absent : try document.windowSize() else { return nil }
    self.init(size: size, layers: [Bool](repeating: true, count: layerCount))
  }

  /// Reads the keys of Qwen2's mixtures: where enabled, every second layer slides, from the first to `max_window_layers`.
  init?(readingQwen2MoE document: ConfigDocument, layerCount: Int) throws(GriffinError) {
    guard try document.bool("use_sliding_window") ?? false else { return nil }
    let end = try document.integer("max_window_layers", in: 0...1_000_000) ?? 28
    let layers = try document.slidingLayers(layerCount) ?? (0..<layerCount).map { $0 % 2 == 0 && $0 < end }
    self.init(size: try document.windowSize() ?? 4096, layers: layers)
  }

  /// Reads the keys of SmolLM3: where enabled, the layers slide that do not rotate.
  init?(readingSmolLM3 document: ConfigDocument, unrotated: Set<Int>, layerCount: Int) throws(GriffinError) {
    guard let size = try document.windowSize() else { return nil }
    self.init(size: size, layers: try document.slidingLayers(layerCount) ?? (0..<layerCount).map(unrotated.contains))
  }

  /// `layer_types` of a normalised configuration.
  var layerTypes: [JSONValue] { layers.map { $0 ? "sliding_attention" : "full_attention" } }
}

extension ConfigDocument {
  fileprivate func windowSize() throws(GriffinError) -> Int? { try integer("sliding_window", in: 1...1_000_000_000) }

  /// Whether each layer slides, as `layer_types` says; nil where it is absent.
  fileprivate func slidingLayers(_ count: Int) throws(GriffinError) -> [Bool]? {
    guard let value = value("layer_types") else { return nil }
    guard let list = value.array, list.count == count else {
      throw GriffinError(.malformed, file: file, "layer_types is not a list of num_hidden_layers (\(count)) kinds of layers")
    }
    var layers: [Bool] = []
    for element in list {
      switch element.string {
      case "sliding_attention": layers.append(true)
      case "full_attention": layers.append(false)
      default:
        let found = element.encoded(pretty: false).shortened(to: 40).printable
        throw GriffinError(
          .unsupported, file: file, "layer_types has \(found); expected \"full_attention\" or \"sliding_attention\"")
      }
    }
    return layers
  }
}
