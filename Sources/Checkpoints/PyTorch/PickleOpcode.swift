/// The opcodes of Python's pickle format, protocols 0 to 5.
///
/// - Source: CPython `Lib/pickle.py` and `Lib/pickletools.py`.
enum PickleOpcode: UInt8 {
  // What a state dict is made of.
  case proto = 0x80, frame = 0x95, stop = 0x2E, mark = 0x28
  case none = 0x4E, newTrue = 0x88, newFalse = 0x89
  case binInt = 0x4A, binInt1 = 0x4B, binInt2 = 0x4D, long1 = 0x8A, long4 = 0x8B, binFloat = 0x47
  case binUnicode = 0x58, shortBinUnicode = 0x8C, binUnicode8 = 0x8D, binString = 0x54, shortBinString = 0x55
  case emptyTuple = 0x29, tuple = 0x74, tuple1 = 0x85, tuple2 = 0x86, tuple3 = 0x87
  case emptyList = 0x5D, append = 0x61, appends = 0x65
  case emptyDict = 0x7D, setItem = 0x73, setItems = 0x75
  case binPut = 0x71, longBinPut = 0x72, memoize = 0x94, binGet = 0x68, longBinGet = 0x6A
  case global = 0x63, stackGlobal = 0x93, reduce = 0x52, build = 0x62, binPersid = 0x51
  // What makes objects of arbitrary classes.
  case inst = 0x69, obj = 0x6F, newObj = 0x81, newObjEx = 0x92, ext1 = 0x82, ext2 = 0x83, ext4 = 0x84
  // What no state dict holds.
  case int = 0x49, long = 0x4C, float = 0x46, string = 0x53, unicode = 0x56, persid = 0x50
  case get = 0x67, put = 0x70, list = 0x6C, dict = 0x64, pop = 0x30, popMark = 0x31, dup = 0x32
  case binBytes = 0x42, shortBinBytes = 0x43, binBytes8 = 0x8E, byteArray8 = 0x96
  case emptySet = 0x8F, addItems = 0x90, frozenSet = 0x91, nextBuffer = 0x97, readOnlyBuffer = 0x98

  /// The name in Python's documentation: `STACK_GLOBAL`.
  var name: String {
    switch self {
    case .binInt1: "BININT1"
    case .binInt2: "BININT2"
    case .newObjEx: "NEWOBJ_EX"
    case .newObj: "NEWOBJ"
    case .newTrue: "NEWTRUE"
    case .newFalse: "NEWFALSE"
    case .stackGlobal: "STACK_GLOBAL"
    case .longBinPut: "LONG_BINPUT"
    case .longBinGet: "LONG_BINGET"
    case .popMark: "POP_MARK"
    case .emptySet: "EMPTY_SET"
    case .emptyTuple: "EMPTY_TUPLE"
    case .emptyList: "EMPTY_LIST"
    case .emptyDict: "EMPTY_DICT"
    case .nextBuffer: "NEXT_BUFFER"
    case .readOnlyBuffer: "READONLY_BUFFER"
    case .shortBinBytes: "SHORT_BINBYTES"
    case .shortBinUnicode: "SHORT_BINUNICODE"
    case .shortBinString: "SHORT_BINSTRING"
    default: "\(self)".uppercased()
    }
  }
}
