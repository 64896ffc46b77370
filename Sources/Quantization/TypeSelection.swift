public import ByteStorage
internal import LinearAlgebra
internal import Models
public import Tensors

/// A recipe with what the user overrides: the last word on every tensor's type.
public struct TypeSelection: Sendable {
  /// `PATTERN=TYPE`: every tensor whose name the regular expression is found in gets the type.
  public struct Rule: Sendable, Hashable {
    public let pattern: String
    public let type: ElementType

    /// - Throws: `usage` for text without `=`, a pattern that is no regular expression, or an unknown type.
    public init(parsing text: String) throws(GriffinError) {
      guard let equals = text.lastIndex(of: "="), equals != text.startIndex else {
        throw GriffinError(.usage, "--tensor-type \(text.shortened(to: 60)): expected PATTERN=TYPE")
      }
      pattern = String(text[..<equals])
      type = try TypeSelection.type(named: String(text[text.index(after: equals)...]), flag: "--tensor-type")
      do {
        _ = try Regex(pattern)
      } catch {
        throw GriffinError(.usage, "--tensor-type: \"\(pattern.shortened(to: 60))\" is not a regular expression")
      }
    }
  }

  public var recipe: Recipe
  /// The type of the output head, where the user gave one.
  public var outputType: ElementType?
  /// The type of token embeddings, where the user gave one.
  public var embeddingType: ElementType?
  /// The last one that matches counts, before everything else.
  public var rules: [Rule]
  /// Whether blocks may be decoded and encoded again.
  public var allowsRequantizing: Bool
  /// How much columns count, where that is known.
  public var importance: ImportanceMatrix?

  public init(
    _ recipe: Recipe, outputType: ElementType? = nil, embeddingType: ElementType? = nil, rules: [Rule] = [],
    allowsRequantizing: Bool = false, importance: ImportanceMatrix? = nil
  ) {
    (self.recipe, self.outputType, self.embeddingType) = (recipe, outputType, embeddingType)
    (self.rules, self.allowsRequantizing, self.importance) = (rules, allowsRequantizing, importance)
  }

  /// Every tensor as it is.
  public static let copy = TypeSelection(.copy)

  /// A type of a flag's value, in whatever case.
  /// - Throws: `usage` with the types that can be written.
  public static func type(named name: String, flag: String) throws(GriffinError) -> ElementType {
    if let type = ElementType(rawValue: name.lowercased()), StorageFormat.of(type)?.encoder != nil { return type }
    let known = StorageFormat.encodable.map(\.rawValue).joined(separator: ", ")
    throw GriffinError(.usage, "\(flag): unknown type \"\(name.shortened(to: 40))\"", hints: ["types: \(known)"])
  }

  /// The type of each tensor of one component, in their order.
  /// - Throws: `usage` where a flag asks a vector to become blocks; `inconsistent` where a tensor is quantized already
  ///   and `allowsRequantizing` is not set, or a type of few bits gets a tensor that the importance matrix says nothing of
  ///   (`usage` without a matrix); `unsupported` where a tensor cannot be decoded.
  public func types(for tensors: [RecipeTensor]) throws(GriffinError) -> [ElementType] {
    let patterns = rules.compactMap { rule in (try? Regex(rule.pattern)).map { ($0, rule.type) } }
    var types = try recipe.types(tensors, importance != nil)
    for (index, tensor) in tensors.enumerated() {
      // Token ids and the like are no weights.
      guard tensor.sourceType.category != .integer else {
        types[index] = tensor.sourceType
        continue
      }
      var wanted = types[index]
      if tensor.role == .outputHead, let outputType { wanted = outputType }
      if tensor.role == .tokenEmbedding, let embeddingType { wanted = embeddingType }
      if let match = patterns.last(where: { (try? $0.0.firstMatch(in: tensor.name)) != nil }) {
        wanted = match.1
        guard tensor.isMatrix || wanted.category != .block else {
          throw GriffinError(
            .usage, tensor: tensor.name, "--tensor-type asks for \(wanted), but the tensor is a vector, which stays a plain float")
        }
      }
      types[index] = TypeSelection.fitting(wanted, tensor)
      try check(tensor, types[index])
    }
    return types
  }

  /// The wanted type, or what takes its place where rows are no whole number of its blocks.
  private static func fitting(_ wanted: ElementType, _ tensor: RecipeTensor) -> ElementType {
    var type = wanted
    while type != tensor.sourceType, let format = StorageFormat.of(type), !format.fits(columns: tensor.shape.rowLength) {
      guard let fallback = format.fallback else { break }
      type = fallback
    }
    return type
  }

  private func check(_ tensor: RecipeTensor, _ type: ElementType) throws(GriffinError) {
    guard type != tensor.sourceType else { return }
    guard StorageFormat.of(tensor.sourceType) != nil else {
      throw GriffinError(
        .unsupported, tensor: tensor.name, "its elements are \(tensor.sourceType), which cannot be converted to \(type)",
        hints: ["the recipe copy keeps every tensor as it is"])
    }
    guard tensor.sourceType.category != .block || allowsRequantizing else {
      throw GriffinError(
        .inconsistent, tensor: tensor.name,
        "the tensor is quantized already (\(tensor.sourceType)); making \(type) of it would lose more than \(type) alone does",
        hints: ["convert from the original float weights, or give --allow-requantize"])
    }
    try checkImportance(tensor, type)
  }

  /// Whether a tensor cannot become a type for want of knowing how much its columns count.
  package func lacksImportance(_ tensor: RecipeTensor, _ type: ElementType) throws(GriffinError) -> Bool {
    let isEnd = tensor.role == .tokenEmbedding || tensor.role == .outputHead
    switch StorageFormat.of(type)?.needsImportance {
    case .always: break
    case .exceptAtEnds where !isEnd: break
    default: return false
    }
    return try importance?.values(for: tensor.name, columns: tensor.shape.rowLength) == nil
  }

  private func checkImportance(_ tensor: RecipeTensor, _ type: ElementType) throws(GriffinError) {
    guard try lacksImportance(tensor, type) else { return }
    guard let importance else {
      throw GriffinError(
        .usage, tensor: tensor.name, "\(type) has so few bits that it needs an importance matrix",
        hints: ["give --imatrix FILE, from griffin calibrate or llama-imatrix", "or choose a type that needs none, such as q2_k or iq3_s"])
    }
    let flag = tensor.role == .tokenEmbedding ? "--embedding-type q2_k" : "--tensor-type '\(tensor.name)=q2_k'"
    throw GriffinError(
      .inconsistent, file: importance.file?.path, tensor: tensor.name,
      "\(type) has so few bits that it needs the importance of columns, but the importance matrix says nothing of this tensor",
      hints: ["give the tensor another type, such as \(flag)"])
  }
}
