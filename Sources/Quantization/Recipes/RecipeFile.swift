public import ByteStorage
internal import Models
public import Tensors

/// A recipe that says of each matrix by its name what it becomes, as a file: what `allocate` writes and `--quantize FILE` reads.
///
/// - Source: `formats/recipe.md`.
public struct RecipeFile: Sendable {
  /// How the names of such files end.
  public static let nameEnding = ".json"
  private static let format = "griffin-recipe"
  private static let version = 1
  /// How the names of each half's tensors begin.
  private static let components = ["target/", "draft/"]
  private static let limits = JSONLimits(bytes: 64 << 20, depth: 8, values: 1 << 21, stringBytes: 1 << 12)

  /// The types by the names of tensors in a bundle, with their component, sorted by name.
  public let types: [(name: String, type: ElementType)]
  /// What the file says of how it came about, for people; readers pass over it.
  public let made: JSONObject
  /// SHA-256 of the types, however the file is written.
  private let digest: SHA256Digest
  private let path: String?

  /// - Parameters:
  ///   - types: By the names of tensors in a bundle, with their component.
  ///   - made: How they were found.
  public init(types: [String: ElementType], made: JSONObject = [:]) { self.init(types, made: made, path: nil) }

  private init(_ types: [String: ElementType], made: JSONObject, path: String?) {
    self.types = types.map { (name: $0.key, type: $0.value) }.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    (self.made, self.path) = (made, path)
    digest = SHA256Digest(of: RecipeFile.document(self.types).encoded().rawBytes)
  }

  /// - Throws: `missing` or `io` where there is no such file, `malformed` with the place, `unsupported` for another version.
  public init(path: String) throws(GriffinError) {
    let file = try InputFile(path: path)
    let document = try JSONValue.parse(file.bytes, limits: RecipeFile.limits, file: path)
    func failure(_ message: String, tensor: String? = nil) -> GriffinError {
      GriffinError(.malformed, file: path, tensor: tensor, message, hints: ["griffin allocate writes such a file; formats/recipe.md says what it holds"])
    }
    guard document["format"]?.string == RecipeFile.format else { throw failure("format is not \"\(RecipeFile.format)\"") }
    guard document["version"]?.integer == RecipeFile.version else {
      throw GriffinError(.unsupported, file: path, "expected version \(RecipeFile.version) of \(RecipeFile.format)")
    }
    guard let members = document["tensors"]?.object?.members, !members.isEmpty else {
      throw failure("expected an object with a type for each tensor as tensors")
    }
    var types: [String: ElementType] = [:]
    for member in members {
      let name = member.key.shortened(to: 200)
      guard RecipeFile.components.contains(where: { member.key.hasPrefix($0) }) else {
        throw failure("a name begins neither with target/ nor with draft/", tensor: name)
      }
      guard let text = member.value.string, let type = ElementType(rawValue: text.lowercased()), StorageFormat.of(type)?.encoder != nil else {
        throw failure("expected one of \(StorageFormat.encodable.map(\.rawValue).joined(separator: ", ")) as its type", tensor: name)
      }
      types[member.key] = type
    }
    self.init(types, made: document["made"]?.object ?? [:], path: path)
  }

  public var document: JSONValue {
    var object: JSONObject = ["format": .string(RecipeFile.format), "version": .integer(RecipeFile.version)]
    if !made.members.isEmpty { object["made"] = .object(made) }
    object["tensors"] = RecipeFile.document(types)
    return .object(object)
  }

  private static func document(_ types: [(name: String, type: ElementType)]) -> JSONValue {
    .object(JSONObject(types.map { JSONObject.Member(key: $0.name, value: .string($0.type.rawValue)) }))
  }

  /// What the manifest calls it: the types have a name of their own, whatever the file is called.
  public var name: String { "allocated-\(digest.hexadecimal.prefix(12))" }

  /// The recipe. What the file does not name stays as the source has it; a name that the model does not have is refused, since the file
  /// is then another model's.
  public var recipe: Recipe {
    let byName = Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0.type) })
    let path = path
    let coversDrafts = byName.keys.contains { $0.hasPrefix("draft/") }
    return Recipe(name: name, coversDrafts: coversDrafts) { tensors, _ throws(GriffinError) in
      guard let component = RecipeFile.components.first(where: { tensors.first?.name.hasPrefix($0) ?? false }) else { return [] }
      let names = Set(tensors.map(\.name))
      for name in byName.keys.sorted() where name.hasPrefix(component) && !names.contains(name) {
        throw GriffinError(
          .inconsistent, file: path, tensor: name.shortened(to: 200), "the recipe names a tensor that the \(component.dropLast()) does not have",
          hints: ["it was made for another model; griffin allocate makes one for this one"])
      }
      return tensors.map { byName[$0.name] ?? $0.sourceType }
    }
  }
}
