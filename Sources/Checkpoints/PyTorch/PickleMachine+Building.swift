internal import ByteStorage
internal import Tensors

/// Containers, globals, storages and tensors.
extension PickleMachine {
  mutating func pushSequence(
    _ values: [PickleValue], as wrap: (Int) -> PickleValue
  ) throws(GriffinError) {
    try retain(values.count + 1)
    document.sequences.append(values)
    try push(wrap(document.sequences.count - 1))
  }

  mutating func pushDictionary() throws(GriffinError) {
    try retain(1)
    document.dictionaries.append([])
    try push(.dictionary(document.dictionaries.count - 1))
  }

  mutating func append(_ values: [PickleValue]) throws(GriffinError) {
    guard stack.count > marks.last ?? 0, case .list(let list) = stack.last else {
      throw failure(.malformed, "the pickle appends to something that is not a list")
    }
    try retain(values.count)
    document.sequences[list] += values
  }

  mutating func setItems(_ values: [PickleValue]) throws(GriffinError) {
    guard stack.count > marks.last ?? 0, case .dictionary(let dictionary) = stack.last else {
      throw failure(.malformed, "the pickle sets items of something that is not a dictionary")
    }
    guard values.count % 2 == 0 else { throw failure(.malformed, "the pickle sets a key without a value") }
    try retain(values.count)
    for index in stride(from: 0, to: values.count, by: 2) {
      document.dictionaries[dictionary].append(.init(key: values[index], value: values[index + 1]))
    }
  }

  // MARK: Globals

  func resolve(module: String, name: String) throws(GriffinError) -> PickleGlobal {
    let fullName = "\(module).\(name)".shortened()
    switch PickleGlobal.resolve(module: module, name: name) {
    case .allowed(let global): return global
    case .unsupported(let reason): throw failure(.unsupported, "the pickle asks for \(fullName): \(reason)")
    case .refused: throw refusal("asks for \(fullName)")
    }
  }

  mutating func pushStackGlobal() throws(GriffinError) {
    let values = try popValues(2)
    guard case .text(let module) = values[0], case .text(let name) = values[1] else {
      throw failure(.malformed, "STACK_GLOBAL: expected a module and a name, found \(values[0].description) and \(values[1].description)")
    }
    try push(.global(resolve(module: module, name: name)))
  }

  /// A call, of which only four are known.
  mutating func reduce() throws(GriffinError) {
    let values = try popValues(2)
    guard case .global(let global) = values[0], case .tuple(let tuple) = values[1] else {
      throw refusal("calls \(values[0].description) with \(values[1].description) (REDUCE)")
    }
    let arguments = document.sequences[tuple]
    switch global {
    case .orderedDictionary where arguments.isEmpty: try pushDictionary()
    case .rebuildTensor: try pushTensor(arguments)
    case .rebuildParameter: try pushParameter(arguments)
    case .size:
      guard arguments.count == 1, case .tuple = arguments[0] else { throw wrongArguments(global) }
      try push(arguments[0])
    case .orderedDictionary: throw wrongArguments(global)
    case .storage: throw refusal("calls \(global.description) (REDUCE)")
    }
  }

  /// `state_dict()` gives its dictionary one attribute, which describes modules and is not needed.
  mutating func build() throws(GriffinError) {
    let values = try popValues(1)
    guard stack.count > marks.last ?? 0, case .dictionary = stack.last, case .dictionary(let state) = values[0],
      document.dictionaries[state].count <= 1,
      document.dictionaries[state].allSatisfy({ $0.key == .text("_metadata") })
    else {
      throw refusal("sets the state of \(stack.last?.description ?? "nothing") (BUILD)")
    }
  }

  // MARK: Tensors

  /// A persistent id: `('storage', type, key, location, elements)`, in the legacy form with a view after it.
  mutating func pushStorage() throws(GriffinError) {
    guard case .tuple(let tuple) = try pop() else { throw failure(.malformed, "a persistent id is not a tuple") }
    let parts = document.sequences[tuple]
    if case .text(let kind) = parts.first, kind != "storage" {
      throw failure(.unsupported, "the pickle refers to a \(kind.shortened(to: 40)), which is not a storage")
    }
    guard parts.count == container.persistentIDCount, case .text = parts[0], case .global(.storage(let type)) = parts[1],
      case .text(let key) = parts[2], case .text = parts[3], case .integer(let elementCount) = parts[4]
    else {
      throw failure(
        .malformed, "expected a persistent id of \(container.persistentIDCount) parts: 'storage', type, key, location, elements")
    }
    guard parts.count == 5 || parts[5] == .none else {
      throw failure(.unsupported, "storages that are views of other storages, as PyTorch 0.3 wrote them, are not read")
    }
    guard !key.isEmpty, key.utf8.count <= 64, key.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
      throw failure(.unsafe, "the key '\(key.shortened(to: 40))' of a storage is not a number")
    }
    guard elementCount >= 0, elementCount.multiplied(by: type.bytesPerBlock) != nil else {
      throw failure(.malformed, "a storage claims \(elementCount) elements")
    }
    let storage = PickleDocument.Storage(type: type, key: key, elementCount: elementCount)
    if let index = storageIndices[key] {
      guard document.storages[index] == storage else {
        throw failure(.malformed, "storage \(key) is described in two different ways")
      }
      return try push(.storage(index))
    }
    try retain(1)
    storageIndices[key] = document.storages.count
    document.storages.append(storage)
    try push(.storage(document.storages.count - 1))
  }

  /// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks[, metadata])`.
  private mutating func pushTensor(_ arguments: [PickleValue]) throws(GriffinError) {
    guard arguments.count == 6 || arguments.count == 7, case .storage(let storage) = arguments[0],
      case .integer(let offset) = arguments[1], case .bool = arguments[4]
    else { throw wrongArguments(.rebuildTensor) }
    let sizes = try integers(arguments[2])
    let strides = try integers(arguments[3])
    guard sizes.count == strides.count else {
      throw failure(.malformed, "a tensor has \(sizes.count) sizes and \(strides.count) strides")
    }
    guard isNothing(arguments[5]), arguments.count == 6 || isNothing(arguments[6]) else {
      throw failure(.unsupported, "a tensor has hooks, or is marked as conjugated or negated")
    }
    guard document.tensors.count < CheckpointLimits.pickledTensors else {
      throw failure(.unsafe, "the pickle holds more than \(CheckpointLimits.pickledTensors) tensors")
    }
    document.tensors.append(.init(storage: storage, offset: offset, sizes: sizes, strides: strides))
    try push(.tensor(document.tensors.count - 1))
  }

  /// `_rebuild_parameter(tensor, requires_grad, backward_hooks)`: the tensor.
  private mutating func pushParameter(_ arguments: [PickleValue]) throws(GriffinError) {
    guard arguments.count == 3, case .tensor = arguments[0], case .bool = arguments[1], isNothing(arguments[2]) else {
      throw wrongArguments(.rebuildParameter)
    }
    try push(arguments[0])
  }

  private func integers(_ value: PickleValue) throws(GriffinError) -> [Int] {
    guard case .tuple(let tuple) = value, document.sequences[tuple].count <= Shape.maximumRank else {
      throw failure(.malformed, "expected a tensor's sizes and strides as tuples of at most \(Shape.maximumRank) integers")
    }
    var result: [Int] = []
    for element in document.sequences[tuple] {
      guard case .integer(let number) = element else {
        throw failure(.malformed, "expected a tensor's sizes and strides as integers, found \(element.description)")
      }
      result.append(number)
    }
    return result
  }

  private func isNothing(_ value: PickleValue) -> Bool {
    if case .dictionary(let dictionary) = value { return document.dictionaries[dictionary].isEmpty }
    return value == .none
  }

  private func wrongArguments(_ global: PickleGlobal) -> GriffinError {
    failure(.malformed, "the arguments of \(global.description) are not those of a state dict")
  }
}
