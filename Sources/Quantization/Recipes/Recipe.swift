public import ByteStorage
package import Tensors

/// Which element type each tensor of a model gets.
public struct Recipe: Sendable {
  /// The name that flags and manifests use, such as `q8_0`.
  public let name: String
  /// The types of a model's tensors, in their order.
  let types: Types
  /// Whether it says what a draft's tensors become, too.
  let coversDrafts: Bool

  /// The types of one component's tensors, in their order; some depend on whether there is an importance matrix.
  typealias Types = @Sendable (_ tensors: [RecipeTensor], _ hasImportance: Bool) throws(GriffinError) -> [ElementType]

  init(name: String, coversDrafts: Bool = false, types: @escaping Types) {
    (self.name, self.coversDrafts, self.types) = (name, coversDrafts, types)
  }

  /// Every tensor as it is.
  public static let copy = Recipe(name: "copy") { tensors, _ in tensors.map(\.sourceType) }

  /// Every recipe, as help lists them: each type by its name, and the mixes of `Mix.all`. A new one is a line here or there.
  public static let all: [Recipe] = plainNames + Mix.all.map(Recipe.init(of:)) + pureTypes

  private static let plainNames: [Recipe] = [
    copy, .plain(.f32), .plain(.f16), .plain(.bf16),
    .pure(.q8_0), .pure(.q4_0), .pure(.q4_1), .pure(.q5_0), .pure(.q5_1),
    .pure(.q2_k), .pure(.q3_k), .pure(.q4_k), .pure(.q5_k), .pure(.q6_k),
    .pure(.iq4_nl), .pure(.iq4_xs), .pure(.mxfp4),
  ]

  /// Of these types the plain name is a mix's.
  private static let pureTypes: [Recipe] = [
    .pure(.iq3_s, after: "_pure"), .pure(.iq3_xxs, after: "_pure"), .pure(.iq2_s, after: "_pure"), .pure(.iq2_xs, after: "_pure"),
    .pure(.iq2_xxs, after: "_pure"), .pure(.iq1_m, after: "_pure"), .pure(.iq1_s, after: "_pure"), .pure(.tq1_0, after: "_pure"),
    .pure(.tq2_0, after: "_pure"),
  ]

  private init(of mix: Mix) {
    self.init(name: mix.name) { tensors, hasImportance in mix.types(of: tensors, hasImportance: hasImportance) }
  }

  /// The recipe of a name, in whatever case.
  /// - Throws: `usage` with the names that are known.
  public static func named(_ name: String) throws(GriffinError) -> Recipe {
    let lowercased = name.lowercased()
    if let recipe = all.first(where: { $0.name == lowercased }) { return recipe }
    throw GriffinError(
      .usage, "unknown recipe \"\(name.shortened(to: 40))\"",
      hints: ["recipes: \(all.map(\.name).joined(separator: ", ")), or a file that griffin allocate wrote"])
  }

  /// The recipe that a flag's value names: one of `all`, or a file's.
  /// - Throws: As `named` and `RecipeFile`.
  public static func given(_ text: String) throws(GriffinError) -> Recipe {
    let isPath = text.contains("/") || text.hasSuffix(RecipeFile.nameEnding)
    return isPath ? try RecipeFile(path: text).recipe : try named(text)
  }

  /// What a draft gets where only its target's recipe was given: as it is beside a target as it is, else `q8_0`, since
  /// acceptance suffers from a coarse draft and gains little from a small one.
  /// A recipe file that says what drafts get is taken at its word.
  public static func draftDefault(for target: Recipe) -> Recipe {
    target.coversDrafts ? target : target.name == copy.name ? copy : pure(.q8_0)
  }

  /// Types that were decided before, by the names of tensors in a bundle; what is not named stays as it is.
  package static func fixed(name: String, types: [String: ElementType]) -> Recipe {
    Recipe(name: name) { tensors, _ in tensors.map { types[$0.name] ?? $0.sourceType } }
  }

  /// Every tensor as one plain float type.
  private static func plain(_ type: ElementType) -> Recipe {
    Recipe(name: type.rawValue) { tensors, _ in tensors.map { _ in type } }
  }

  /// Every matrix in one block type, but for what fuses a draft's inputs; norms, biases, routers and adapters stay as they are.
  package static func pure(_ type: ElementType, after ending: String = "") -> Recipe {
    Recipe(name: type.rawValue + ending) { tensors, _ in
      tensors.map { tensor in
        guard tensor.isMatrix && !tensor.staysPlain else { return tensor.sourceType }
        return tensor.isFusion ? fusionType(beside: type) ?? type : type
      }
    }
  }

  /// What the matrices get that fuse a draft's embeddings and features, beside others of a type; nil where that does for them.
  ///
  /// The two halves of their columns differ in scale by a factor of tens. Few bits take the smaller half away, and with it what the draft
  /// knows of the text; these matrices are a small part of a draft.
  static func fusionType(beside type: ElementType) -> ElementType? {
    let hasFewBits = type.category == .block && 2 * 8 * type.bytesPerBlock <= 7 * type.elementsPerBlock
    return hasFewBits ? .q8_0 : nil
  }
}
