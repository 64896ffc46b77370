internal import ByteStorage
internal import Tensors

/// What a pickle may build. Containers are numbers of nodes in a `PickleDocument`, so that a tuple of
/// tuples of tuples costs neither copies nor recursion, and a list may even contain itself.
enum PickleValue: Sendable, Hashable {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer beyond 64 bits: two's complement, little-endian, as it was in the file.
  case wideInteger([UInt8])
  case float(Double)
  case text(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)

  /// For messages: `a tuple`, `the text "x"`.
  var description: String {
    switch self {
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let value): "the integer \(value)"
    case .wideInteger: "an integer beyond 64 bits"
    case .float: "a float"
    case .text(let text): "the text '\(text.shortened(to: 40))'"
    case .tuple: "a tuple"
    case .list: "a list"
    case .dictionary: "a dictionary"
    case .global(let global): global.description
    case .storage: "a storage"
    case .tensor: "a tensor"
    }
  }
}

/// The values that one pickle built.
struct PickleDocument {
  /// A storage as a persistent id names it: its bytes are elsewhere.
  struct Storage: Hashable {
    var type: ElementType
    var key: String
    var elementCount: Int
  }

  /// A view into a storage, not yet checked against it.
  struct Tensor: Hashable {
    var storage: Int
    /// In elements, as sizes and strides are.
    var offset: Int
    var sizes: [Int]
    var strides: [Int]
  }

  struct Member {
    var key: PickleValue
    var value: PickleValue
  }

  var root = PickleValue.none
  /// The elements of tuples and lists.
  var sequences: [[PickleValue]] = []
  var dictionaries: [[Member]] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []
}
