internal import Bundles
internal import ByteStorage
internal import Tensors

/// Which payloads of a bundle another one has, or has something near to.
struct BaseFinder: Sendable {
  private let bundle: ModelBundle
  private let base: ModelBundle
  /// Payloads that the base has, byte for byte.
  let equal: [ArchiveNote.Relation]
  /// Payloads of floats that tensors of one name, type and shape have in both.
  let candidates: [ArchiveNote.Relation]
  private let types: [Int: ElementType]

  private struct Content: Hashable {
    let digest: SHA256Digest
    let byteCount: Int
  }

  init(_ bundle: ModelBundle, _ base: ModelBundle) {
    (self.bundle, self.base, types) = (bundle, base, bundle.manifest.payloadTypes)
    var contents: [Content: Int] = [:]
    for (index, payload) in base.manifest.payloads.enumerated().reversed() {
      contents[Content(digest: payload.digest, byteCount: payload.byteCount)] = index
    }
    equal = bundle.manifest.payloads.enumerated().compactMap { index, payload in
      contents[Content(digest: payload.digest, byteCount: payload.byteCount)].map { ArchiveNote.Relation(payload: index, base: $0) }
    }
    var done = Set(equal.map(\.payload))
    let others = Dictionary(base.manifest.tensors.map { ($0.descriptor.name, $0) }) { first, _ in first }
    var candidates: [ArchiveNote.Relation] = []
    for tensor in bundle.manifest.tensors {
      guard let other = others[tensor.descriptor.name], other.descriptor == tensor.descriptor,
        PlaneLayout(differencesOf: tensor.descriptor.type) != nil, done.insert(tensor.payload).inserted
      else { continue }
      candidates.append(ArchiveNote.Relation(payload: tensor.payload, base: other.payload))
    }
    self.candidates = candidates.sorted { $0.payload < $1.payload }
  }

  /// Blocks of a payload that are tried.
  private static let trials = 3

  /// Whether differences take less than the payload itself, by a few of its blocks.
  /// - Throws: What reading throws.
  func isNear(_ relation: ArchiveNote.Relation, _ state: inout PackingState) throws(GriffinError) -> Bool {
    let (payload, other) = (bundle.manifest.payloads[relation.payload], base.manifest.payloads[relation.base])
    guard let type = types[relation.payload], let differences = PlaneLayout(differencesOf: type) else { return false }
    let layout = PlaneLayout(type)
    let blocks = layout.blocks(of: payload.byteCount)
    guard !blocks.isEmpty else { return false }
    var (plain, near) = (0, 0)
    for trial in Set((0..<BaseFinder.trials).map { $0 * (blocks.count - 1) / (BaseFinder.trials - 1) }).sorted() {
      let block = blocks[trial]
      try state.read(bundle.file, at: payload.offset + block.lowerBound, byteCount: block.count)
      plain += try state.encode(block.count, by: layout, .floats).bytes.count
      try state.subtract(base.file, at: other.offset + block.lowerBound, byteCount: block.count, unitByteCount: layout.unitByteCount)
      near += try state.encode(block.count, by: differences, .floats).bytes.count
    }
    return near < plain
  }
}
