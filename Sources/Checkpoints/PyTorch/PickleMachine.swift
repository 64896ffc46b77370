internal import ByteStorage
internal import Tensors

/// Reads one pickle without executing anything: a stack machine that knows the opcodes and the
/// globals of a state dict of tensors, and names whatever else it meets.
///
/// Time is bounded by the pickle's bytes, memory by `CheckpointLimits.pickleValues`.
///
/// - Source: `formats/pytorch-bin.md`; CPython `Lib/pickle.py`, `_Unpickler`; torch
///   `serialization.py`, `persistent_load`.
struct PickleMachine: ~Copyable, ~Escapable {
  /// What surrounds the pickle decides the form of its persistent ids.
  enum Container {
    case zip, legacy

    var persistentIDCount: Int { self == .zip ? 5 : 6 }
  }

  let bytes: RawSpan
  let file: String
  let baseOffset: Int
  let container: Container
  var position = 0
  var document = PickleDocument()
  var stack: [PickleValue] = []
  /// Where each open mark cut the stack; nothing below the last one can be popped.
  var marks: [Int] = []
  var memo: [UInt32: PickleValue] = [:]
  var storageIndices: [String: Int] = [:]
  var retainedCount = 0
  /// Where the opcode at work starts.
  var opcodePosition = 0

  /// - Parameters:
  ///   - bytes: From the pickle's first byte on.
  ///   - baseOffset: Where they are in the file; added to every offset in an error.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, file: String, baseOffset: Int, container: Container) {
    (self.bytes, self.file, self.baseOffset, self.container) = (bytes, file, baseOffset, container)
  }

  /// Runs to the pickle's `STOP`, after which `position` is.
  mutating func run() throws(GriffinError) -> PickleDocument {
    guard bytes.byteCount > 1, bytes[0] == PickleOpcode.proto.rawValue, (2...5).contains(bytes[1]) else {
      throw failure(.malformed, "expected a pickle of protocol 2 to 5")
    }
    position = 2
    while true {
      opcodePosition = position
      guard position <= CheckpointLimits.pickleBytes else {
        throw failure(.unsafe, "the pickle is longer than \(CheckpointLimits.pickleBytes) bytes")
      }
      guard position < bytes.byteCount else { throw failure(.malformed, "the pickle ends without STOP; the file may be truncated") }
      let byte = bytes[position]
      position += 1
      guard let opcode = PickleOpcode(rawValue: byte) else { throw failure(.malformed, "byte \(byte) is no pickle opcode") }
      if opcode == .stop { break }
      try execute(opcode)
    }
    guard stack.count == 1, marks.isEmpty, let root = stack.last else {
      throw failure(.malformed, "the pickle stops with \(stack.count) values on its stack instead of one")
    }
    document.root = root
    return document
  }

  private mutating func execute(_ opcode: PickleOpcode) throws(GriffinError) {
    switch opcode {
    case .frame: try checkFrame()
    case .mark:
      try retain(1)
      marks.append(stack.count)
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.integer(Int(Int32(truncatingIfNeeded: readInteger(4)))))
    case .binInt1: try push(.integer(readInteger(1)))
    case .binInt2: try push(.integer(readInteger(2)))
    case .long1: try push(readLong(byteCount: readInteger(1)))
    case .long4: try push(readLong(byteCount: readInteger(4)))
    case .binFloat: try push(.float(Double(bitPattern: UInt64(bitPattern: Int64(readInteger(8))).byteSwapped)))
    case .shortBinUnicode, .shortBinString: try push(.text(readText(byteCount: readInteger(1))))
    case .binUnicode, .binString: try push(.text(readText(byteCount: readInteger(4))))
    case .binUnicode8: try push(.text(readText(byteCount: readInteger(8))))
    case .emptyTuple: try pushSequence([], as: PickleValue.tuple)
    case .tuple1: try pushSequence(popValues(1), as: PickleValue.tuple)
    case .tuple2: try pushSequence(popValues(2), as: PickleValue.tuple)
    case .tuple3: try pushSequence(popValues(3), as: PickleValue.tuple)
    case .tuple: try pushSequence(popToMark(), as: PickleValue.tuple)
    case .emptyList: try pushSequence([], as: PickleValue.list)
    case .append: try append(popValues(1))
    case .appends: try append(popToMark())
    case .emptyDict: try pushDictionary()
    case .setItem: try setItems(popValues(2))
    case .setItems: try setItems(popToMark())
    case .binPut: try memoize(UInt32(readInteger(1)))
    case .longBinPut: try memoize(UInt32(truncatingIfNeeded: readInteger(4)))
    case .memoize: try memoize(UInt32(memo.count))
    case .binGet: try recall(UInt32(readInteger(1)))
    case .longBinGet: try recall(UInt32(truncatingIfNeeded: readInteger(4)))
    case .global: try push(.global(resolve(module: readLine(), name: readLine())))
    case .stackGlobal: try pushStackGlobal()
    case .reduce: try reduce()
    case .build: try build()
    case .binPersid: try pushStorage()
    case .inst:
      let (module, name) = (try readLine(), try readLine())
      throw refusal("makes an object of \(module).\(name) (INST)")
    case .obj, .newObj, .newObjEx: throw refusal("makes an object (\(opcode.name))")
    case .ext1, .ext2, .ext4: throw refusal("asks for a registered extension (\(opcode.name))")
    default: throw failure(.unsupported, "the pickle uses \(opcode.name), which no state dict of tensors needs")
    }
  }

  // MARK: The stack

  mutating func push(_ value: PickleValue) throws(GriffinError) {
    guard stack.count < CheckpointLimits.pickleValues else { throw tooManyValues() }
    stack.append(value)
  }

  /// Takes the last values off, in the order they were pushed.
  mutating func popValues(_ count: Int) throws(GriffinError) -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw failure(.malformed, "the pickle takes more values from its stack than there are")
    }
    let values = Array(stack.suffix(count))
    stack.removeLast(count)
    return values
  }

  mutating func pop() throws(GriffinError) -> PickleValue { try popValues(1)[0] }

  /// Takes off what was pushed since the last mark, and the mark.
  mutating func popToMark() throws(GriffinError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw failure(.malformed, "the pickle asks for a mark that was never set") }
    let values = Array(stack[mark...])
    stack.removeLast(stack.count - mark)
    return values
  }

  /// Counts values that stay until the end.
  mutating func retain(_ count: Int) throws(GriffinError) {
    retainedCount += count
    guard retainedCount <= CheckpointLimits.pickleValues else { throw tooManyValues() }
  }

  private mutating func memoize(_ index: UInt32) throws(GriffinError) {
    try retain(1)
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw failure(.malformed, "the pickle remembers a value, but its stack is empty")
    }
    memo[index] = value
  }

  private mutating func recall(_ index: UInt32) throws(GriffinError) {
    guard let value = memo[index] else {
      throw failure(.malformed, "the pickle recalls value \(index), which it never remembered")
    }
    try push(value)
  }

  // MARK: Errors

  func failure(_ kind: GriffinError.Kind, _ message: String) -> GriffinError {
    GriffinError(kind, file: file, offset: baseOffset + opcodePosition, message)
  }

  /// For everything that would have to be executed to know what it makes.
  func refusal(_ what: String) -> GriffinError {
    GriffinError(
      .unsafe, file: file, offset: baseOffset + opcodePosition,
      "the pickle \(what); only state dicts of tensors are read, and nothing was executed",
      hints: ["ask for the weights as safetensors"])
  }

  private func tooManyValues() -> GriffinError {
    failure(.unsafe, "the pickle holds more than \(CheckpointLimits.pickleValues) values")
  }
}
