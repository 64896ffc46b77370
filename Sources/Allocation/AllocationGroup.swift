internal import Bundles
internal import ByteStorage
internal import Conversion
internal import Models
internal import Quantization
internal import Tensors

/// Matrices that get one type together: most are alone, the experts' projections of a layer are one, and so are an embedding and the
/// head that is stored as it.
struct AllocationGroup: Sendable {
  /// Where in a pass it does its work.
  enum Stage: Sendable, Hashable {
    case embedding
    case layer(Int)
    case head
    case draft
  }

  struct Member: Sendable {
    let role: TensorRole
    /// In the bundle, with its component.
    let name: String
    let stored: StoredTensor
    let importance: [Float]?
  }

  /// One type that it may have.
  struct Option: Sendable, Hashable {
    let type: ElementType
    /// Bytes in a bundle, with the padding of payloads.
    let byteCount: Int
  }

  let stage: Stage
  let members: [Member]
  /// From the smallest to the largest; the last is how the source has it, which loses nothing.
  let options: [Option]

  /// What people and records know it by.
  var name: String { members.count == 1 ? members[0].name : "\(members[0].name) and \(members.count - 1) more" }
}

extension AllocationGroup {
  /// The groups of a pair, in the order in which a pass meets them.
  /// - Parameters:
  ///   - sharing: What the halves have in common.
  ///   - types: Types to choose from.
  /// - Throws: As `TypeSelection.types(for:)`; what an importance matrix of another model throws.
  static func all(
    of source: AllocationSource, sharing: Sharing, types: [ElementType], importance: ImportanceMatrix?, allowsRequantizing: Bool
  ) throws(GriffinError) -> [AllocationGroup] {
    let tiesHead = sharing.tiesOutputHead && source.target.tensors[.outputHead] != nil
    var groups = try groups(
      source.target.tensors, of: .target, types, importance, allowsRequantizing, joinsHead: tiesHead, leavesOut: [])
    if let draft = source.draft {
      // A draft whose embedding is the target's stores none of its own.
      let isShared = sharing.embedding == .identical || sharing.embedding == .converted
      groups += try Self.groups(
        draft.tensors, of: .draft, types, importance, allowsRequantizing, joinsHead: false, leavesOut: isShared ? [.tokenEmbedding] : [])
    }
    return groups.enumerated().sorted { ($0.element.stage.order, $0.offset) < ($1.element.stage.order, $1.offset) }.map(\.element)
  }

  /// What is given a type together.
  private enum Key: Hashable {
    case alone(TensorRole)
    case embeddingAndHead
    case experts(layer: Int, ExpertRole)
  }

  private static func groups(
    _ tensors: BoundTensors, of component: Component, _ types: [ElementType], _ importance: ImportanceMatrix?, _ allowsRequantizing: Bool,
    joinsHead: Bool, leavesOut: Set<TensorRole>
  ) throws(GriffinError) -> [AllocationGroup] {
    let bindings = tensors.bindings
    let described = bindings.map { binding in
      let descriptor = tensors.source.tensors[binding.index]
      return RecipeTensor(
        name: component.prefix + binding.name, role: binding.role, shape: descriptor.shape, sourceType: descriptor.type)
    }
    var possible: [[ElementType]] = []
    for type in types {
      let selection = TypeSelection(.pure(type), allowsRequantizing: allowsRequantizing, importance: importance)
      var found = described.map(\.sourceType)
      for (index, tensor) in described.enumerated() where tensor.isMatrix {
        // Where too little is known for a type, it is none to choose.
        if importance != nil, try selection.lacksImportance(tensor, type) { continue }
        found[index] = try selection.types(for: [tensor])[0]
      }
      possible.append(found)
    }
    var keys: [Key] = []
    var members: [Key: [(Member, [ElementType])]] = [:]
    for (index, binding) in bindings.enumerated() where described[index].isMatrix && !leavesOut.contains(binding.role) {
      let (descriptor, name) = (tensors.source.tensors[binding.index], described[index].name)
      let candidates = possible.map { $0[index] }
      // What recipes leave as it is, such as routers, is left as it is here.
      guard candidates.contains(where: { $0 != descriptor.type }) else { continue }
      let digest = (tensors.source as? ModelBundle)?.payload(ofTensor: binding.index).digest
      let member = Member(
        role: binding.role, name: name, stored: StoredTensor(source: tensors.source, index: binding.index, digest: digest),
        importance: try importance?.values(for: name, columns: descriptor.shape.rowLength))
      let key = key(of: binding.role, joinsHead: joinsHead)
      if members[key] == nil { keys.append(key) }
      members[key, default: []].append((member, candidates + [descriptor.type]))
    }
    return keys.map { key in
      let all = members[key] ?? []
      let isStoredOnce = key == .embeddingAndHead
      let options = Set(all[0].1).map { type in
        Option(type: type, byteCount: (isStoredOnce ? all.prefix(1) : all[...]).reduce(0) { $0 + $1.0.stored.descriptor.shape.paddedByteCount(as: type) })
      }
      let own = all[0].0.stored.descriptor.type
      // What takes more than the source does is of no use.
      let most = options.first { $0.type == own }?.byteCount ?? .max
      let useful = options.filter { $0.type == own || $0.byteCount < most }
      let sorted = useful.sorted { ($0.byteCount, $0.type == own ? 1 : 0, $0.type.rawValue) < ($1.byteCount, $1.type == own ? 1 : 0, $1.type.rawValue) }
      return AllocationGroup(stage: stage(of: all[0].0.role, component), members: all.map(\.0), options: sorted)
    }
  }

  private static func key(of role: TensorRole, joinsHead: Bool) -> Key {
    switch role {
    case .layer(let layer, .expert(_, let part)): .experts(layer: layer, part)
    case .tokenEmbedding, .outputHead: joinsHead ? .embeddingAndHead : .alone(role)
    default: .alone(role)
    }
  }

  private static func stage(of role: TensorRole, _ component: Component) -> Stage {
    guard component == .target else { return .draft }
    switch role {
    case .tokenEmbedding: return .embedding
    case .layer(let layer, _): return .layer(layer)
    default: return .head
    }
  }
}

extension AllocationGroup.Stage {
  /// The order of a pass.
  fileprivate var order: Int {
    switch self {
    case .embedding: -1
    case .layer(let layer): layer
    case .head: .max - 1
    case .draft: .max
    }
  }
}

extension Shape {
  /// Bytes of a payload of a type, with its padding.
  fileprivate func paddedByteCount(as type: ElementType) -> Int {
    let bytes = elementCount / type.elementsPerBlock * type.bytesPerBlock
    return bytes.roundedUp(to: BundleFormat.alignment) ?? bytes
  }
}
