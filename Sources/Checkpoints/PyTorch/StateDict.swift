internal import ByteStorage

/// The named tensors of a pickle: its root, or the one dictionary of tensors directly inside it.
struct StateDict {
  struct Entry {
    var name: String
    var tensor: PickleDocument.Tensor
  }

  /// In the order of the pickle.
  private(set) var entries: [Entry] = []
  /// What was left out, and why.
  private(set) var warnings: [String] = []

  private static let maximumWarnings = 8

  init(_ document: PickleDocument, file: String) throws(GriffinError) {
    guard case .dictionary(let root) = document.root else {
      throw GriffinError(.malformed, file: file, "expected the pickle to hold a state dict, found \(document.root.description)")
    }
    let nested = document.dictionaries[root].compactMap { member -> (name: String, dictionary: Int)? in
      guard case .dictionary(let dictionary) = member.value, StateDict.holdsTensors(document, dictionary) else { return nil }
      guard case .text(let name) = member.key else { return (member.key.description, dictionary) }
      return (name, dictionary)
    }
    let rootHoldsTensors = StateDict.holdsTensors(document, root)
    let candidates = nested.map { "'\($0.name.shortened(to: 40))'" } + (rootHoldsTensors ? ["the outermost dictionary"] : [])
    guard candidates.count <= 1 else {
      throw GriffinError(
        .inconsistent, file: file,
        "expected one state dict, found several: \(candidates.prefix(8).joined(separator: ", "))",
        hints: ["save the model's state dict alone: torch.save(model.state_dict(), ...)"])
    }
    guard candidates.count == 1 || document.dictionaries[root].isEmpty else {
      throw GriffinError(.malformed, file: file, "the pickle holds no tensors, neither in its dictionary nor in one directly inside it")
    }
    if let inner = nested.first {
      warnings.append("\(file): the tensors of '\(inner.name.shortened(to: 40))' are read; what is beside it is left out".printable)
      try collect(document, inner.dictionary, file: file)
    } else {
      try collect(document, root, file: file)
    }
  }

  private static func holdsTensors(_ document: PickleDocument, _ dictionary: Int) -> Bool {
    document.dictionaries[dictionary].contains { if case .tensor = $0.value { true } else { false } }
  }

  private mutating func collect(_ document: PickleDocument, _ dictionary: Int, file: String) throws(GriffinError) {
    var names: Set<String> = []
    var leftOut: [String] = []
    for member in document.dictionaries[dictionary] {
      guard case .text(let name) = member.key else {
        throw GriffinError(.malformed, file: file, "expected the keys of the state dict to be names, found \(member.key.description)")
      }
      guard case .tensor(let tensor) = member.value else {
        leftOut.append("\(file): '\(name.shortened())' is \(member.value.description), not a tensor, and is left out".printable)
        continue
      }
      if let objection = CheckpointLimits.objection(toName: name) {
        throw GriffinError(.malformed, file: file, tensor: name.shortened(), objection)
      }
      guard names.insert(name).inserted else {
        throw GriffinError(.malformed, file: file, tensor: name.shortened(), "two tensors of the state dict have this name")
      }
      entries.append(Entry(name: name, tensor: document.tensors[tensor]))
    }
    warnings += leftOut.prefix(StateDict.maximumWarnings)
    if leftOut.count > StateDict.maximumWarnings {
      warnings.append("\(file): \(leftOut.count - StateDict.maximumWarnings) more entries are not tensors and are left out")
    }
  }
}
