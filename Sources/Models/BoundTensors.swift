internal import ByteStorage
public import Tensors

/// The tensors of a source, each with the role that a declaration gives it.
public struct BoundTensors: Sendable {
  public struct Binding: Sendable, Hashable {
    public let role: TensorRole
    /// The canonical name, without a component prefix.
    public let name: String
    /// The tensor's index in the source.
    public let index: Int
  }

  public private(set) var source: any TensorSource
  /// In the declaration's canonical order.
  public let bindings: [Binding]
  private let indices: [TensorRole: Int]
  /// Source indices of tensors that are there and mean nothing, such as a draft's copy of its target's head.
  public let ignored: [TensorRole: Int]

  /// The source index of the tensor with a role, or nil where the model has none.
  public subscript(_ role: TensorRole) -> Int? { indices[role] }

  /// The same tensors, read from a source that has them at the same places.
  func read(from other: any TensorSource) -> BoundTensors {
    var tensors = self
    tensors.source = other
    return tensors
  }

  /// Elements of all bound weights; token ids and the like are none.
  public var elementCount: Int {
    bindings.map { source.tensors[$0.index] }.filter { $0.type.category != .integer }.reduce(0) { $0 + $1.shape.elementCount }
  }

  /// Whether any layer has a q, k or v bias.
  var hasAttentionBias: Bool {
    bindings.contains { binding in
      if case .layer(_, let role) = binding.role { return [.queryBias, .keyBias, .valueBias].contains(role) }
      return false
    }
  }

  /// Finds every tensor that `rules` expect among those whose name begins with `prefix`.
  ///
  /// - Parameters:
  ///   - table: The source; tensors without the prefix are another component's and are left alone.
  ///   - drops: Names that are passed over.
  /// - Returns: The bindings, and the names that were dropped.
  /// - Throws: `inconsistent` with every missing, unexpected and mis-shaped tensor at once; `unsupported` for element
  ///   types that no decoder multiplies.
  static func bind(
    _ table: TensorTable, prefix: String, rules: [TensorRule], drops: (String) -> Bool, file: String?
  ) throws(GriffinError) -> (tensors: BoundTensors, dropped: [String]) {
    var problems = BindingProblems()
    var bindings: [Binding] = []
    var ignored: [TensorRole: Int] = [:]
    for rule in rules {
      if rule.presence == .ignored {
        ignored[rule.role] = table.index(of: prefix + rule.name)
        continue
      }
      guard let index = table.index(of: prefix + rule.name) else {
        if rule.presence == .required {
          problems.missing.append("\(rule.name) \(rule.shape)")
          problems.missingNames.append(rule.name)
        }
        continue
      }
      let found = table.source.tensors[index]
      if found.shape.dimensions != rule.shape {
        problems.misshaped.append("\(rule.name): expected \(rule.shape), found \(found.shape.dimensions)")
      } else if rule.content == .weights ? !found.type.isWeight : found.type.category != .integer {
        problems.mistyped.append(
          "\(rule.name): \(found.type)" + (rule.content == .integers ? ", where whole numbers are expected" : ""))
        problems.integersExpected = problems.integersExpected || rule.content == .integers
      }
      bindings.append(Binding(role: rule.role, name: rule.name, index: index))
    }
    let expected = Set(rules.filter { $0.presence != .ignored }.map(\.name))
    let ignoredNames = Set(rules.filter { $0.presence == .ignored }.map(\.name))
    var dropped: [String] = []
    for tensor in table.source.tensors where tensor.name.hasPrefix(prefix) {
      let name = String(tensor.name.dropFirst(prefix.count))
      if expected.contains(name) { continue }
      if drops(name) || ignoredNames.contains(name) { dropped.append(name) } else { problems.unexpected.append("\(name) \(tensor.shape)") }
    }
    try problems.throwIfAny(
      file: file, hints: ForeignNames.hints(table, prefix: prefix, rules: rules, missing: problems.missingNames))
    let indices = Dictionary(uniqueKeysWithValues: bindings.map { ($0.role, $0.index) })
    return (BoundTensors(source: table.source, bindings: bindings, indices: indices, ignored: ignored), dropped)
  }
}

extension ElementType {
  /// Whether a decoder can multiply by tensors of this type.
  fileprivate var isWeight: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: true
    default: category == .block
    }
  }
}

/// What is wrong between the tensors that are expected and those that are there, collected before it is said.
private struct BindingProblems {
  var missing: [String] = []
  var missingNames: [String] = []
  /// Whether something that is no whole number stands for token ids.
  var integersExpected = false
  var unexpected: [String] = []
  var misshaped: [String] = []
  var mistyped: [String] = []

  /// More lines than this help nobody.
  private static let lineLimit = 50

  func throwIfAny(file: String?, hints: @autoclosure () -> [String]) throws(GriffinError) {
    let groups = [
      ("missing", missing), ("of another shape", misshaped), ("unexpected", unexpected),
      (integersExpected ? "of a wrong type" : "of a type that is not a weight", mistyped),
    ].filter { !$0.1.isEmpty }
    guard let first = groups.first else { return }
    let summary = groups.map { "\($0.1.count) \($0.0)" }.joined(separator: ", ")
    var lines = groups.flatMap { group in group.1.map { "\(group.0): \($0)".printable.shortened(to: 200) } }
    if lines.count > BindingProblems.lineLimit {
      let more = lines.count - BindingProblems.lineLimit
      lines = lines.prefix(BindingProblems.lineLimit) + ["… and \(more) more"]
    }
    let name = first.1.first.map { String($0.prefix { $0 != " " && $0 != ":" }) }
    throw GriffinError(
      groups.allSatisfy { $0.0.hasPrefix("of a type") || $0.0.hasPrefix("of a wrong") } ? .unsupported : .inconsistent, file: file,
      tensor: missing.count + unexpected.count + misshaped.count + mistyped.count == 1 ? name : nil,
      "the tensors are not those that the configuration describes (\(summary)); \(lines[0])",
      hints: hints() + (lines.count > 1 ? lines : []))
  }
}
