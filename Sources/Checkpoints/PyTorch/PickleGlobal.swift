internal import Tensors

/// The few globals that a state dict of tensors needs. Nothing is ever imported or called: each
/// stands for something that the reader does itself.
enum PickleGlobal: Sendable, Hashable {
  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case size
  case storage(ElementType)

  /// What becomes of a global that a pickle names.
  enum Resolution {
    case allowed(PickleGlobal)
    /// Known, harmless, and not read; with the reason.
    case unsupported(String)
    /// Everything else: to know what it does, one would have to run it.
    case refused
  }

  var description: String {
    switch self {
    case .orderedDictionary: "collections.OrderedDict"
    case .rebuildTensor: "torch._utils._rebuild_tensor_v2"
    case .rebuildParameter: "torch._utils._rebuild_parameter"
    case .size: "torch.Size"
    case .storage(let type): "a torch storage of \(type)"
    }
  }

  static func resolve(module: String, name: String) -> Resolution {
    switch (module, name) {
    case ("collections", "OrderedDict"): return .allowed(.orderedDictionary)
    case ("torch._utils", "_rebuild_tensor_v2"): return .allowed(.rebuildTensor)
    case ("torch._utils", "_rebuild_parameter"): return .allowed(.rebuildParameter)
    case ("torch", "Size"): return .allowed(.size)
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): return .allowed(.storage(.u8))
    case ("torch", _), ("torch.cuda", _):
      if let type = storageTypes[name] { return .allowed(.storage(type)) }
      return name.hasSuffix("Storage") ? .unsupported("its elements are of a type that is not read") : .refused
    case ("torch._utils", _):
      return unreadTensors[name].map { .unsupported($0) } ?? .refused
    default: return .refused
    }
  }

  private static let storageTypes: [String: ElementType] = [
    "DoubleStorage": .f64, "FloatStorage": .f32, "HalfStorage": .f16, "BFloat16Storage": .bf16,
    "LongStorage": .i64, "IntStorage": .i32, "ShortStorage": .i16, "CharStorage": .i8, "ByteStorage": .u8,
    "BoolStorage": .bool, "ComplexFloatStorage": .c64,
  ]

  private static let unreadTensors: [String: String] = [
    "_rebuild_qtensor": "quantized tensors are not read",
    "_rebuild_sparse_tensor": "sparse tensors are not read",
    "_rebuild_sparse_csr_tensor": "sparse tensors are not read",
    "_rebuild_nested_tensor": "nested tensors are not read",
    "_rebuild_meta_tensor_no_storage": "the tensor has no data",
    "_rebuild_wrapper_subclass": "tensor subclasses are not read",
    "_rebuild_tensor_v3": "tensors of untyped storages are not read",
  ]
}
