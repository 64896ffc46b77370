public import ByteStorage
internal import Tensors

/// Which element type each tensor of a model gets.
public struct Recipe: Sendable {
  /// The name that flags and manifests use, such as `q8_0`.
  public let name: String
  /// The types of a model's tensors, in their order.
  let types: @Sendable (_ tensors: [RecipeTensor], _ hasImportance: Bool) -> [ElementType]

  /// Every tensor as it is.
  public static let copy = Recipe(name: "copy") { tensors, _ in tensors.map(\.sourceType) }

  /// Every recipe, as help lists them: each type by its name, and the mixes of `Mix.all`. A new one is a line here or there.
  public static let all: [Recipe] =
    [
      copy, .plain(.f32), .plain(.f16), .plain(.bf16),
      .pure(.q8_0), .pure(.q4_0), .pure(.q4_1), .pure(.q5_0), .pure(.q5_1),
      .pure(.q2_k), .pure(.q3_k), .pure(.q4_k), .pure(.q5_k), .pure(.q6_k),
      .pure(.iq4_nl), .pure(.iq4_xs), .pure(.mxfp4),
    ] + Mix.all.map { mix in Recipe(name: mix.name, types: mix.types(of:hasImportance:)) }
    // Of these types the plain name is a mix's.
    + [.iq3_s, .iq3_xxs, .iq2_s, .iq2_xs, .iq2_xxs, .iq1_m, .iq1_s, .tq1_0, .tq2_0].map { .pure($0, name: "\($0)_pure") }

  /// The recipe of a name, in whatever case.
  /// - Throws: `usage` with the names that are known.
  public static func named(_ name: String) throws(GriffinError) -> Recipe {
    let lowercased = name.lowercased()
    if let recipe = all.first(where: { $0.name == lowercased }) { return recipe }
    throw GriffinError(
      .usage, "unknown recipe \"\(name.shortened(to: 40))\"", hints: ["recipes: \(all.map(\.name).joined(separator: ", "))"])
  }

  /// What a draft gets where only its target's recipe was given: as it is beside a target as it is, else `q8_0`, since
  /// acceptance suffers from a coarse draft and gains little from a small one.
  public static func draftDefault(for target: Recipe) -> Recipe { target.name == copy.name ? copy : pure(.q8_0) }

  /// Every tensor as one plain float type.
  private static func plain(_ type: ElementType) -> Recipe {
    Recipe(name: type.rawValue) { tensors, _ in tensors.map { _ in type } }
  }

  /// Every matrix in one block type; norms, biases and routers stay as they are.
  private static func pure(_ type: ElementType, name: String? = nil) -> Recipe {
    Recipe(name: name ?? type.rawValue) { tensors, _ in tensors.map { $0.isMatrix && !$0.isRouter ? type : $0.sourceType } }
  }
}
