/// Walks the few structures of DER (X.690) that key files are made of. Bounded by the bytes it is given; anything that is
/// not the element asked for, in its one shortest form, is nil.
struct DERReader {
  enum Tag: UInt8 {
    case integer = 0x02
    case bitString = 0x03
    case octetString = 0x04
    case objectIdentifier = 0x06
    case sequence = 0x30
    /// [0] IMPLICIT SET, the attributes of PKCS #8.
    case attributes = 0xA0
    /// [1] IMPLICIT BIT STRING, the public half of RFC 5958.
    case publicKey = 0x81
  }

  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  private init(_ rest: ArraySlice<UInt8>) { self.rest = rest }

  /// What is left to read.
  var bytes: [UInt8] { Array(rest) }
  var isAtEnd: Bool { rest.isEmpty }

  /// Takes the next element where it has this tag, and gives a reader of its content.
  mutating func next(_ tag: Tag) -> DERReader? {
    guard rest.first == tag.rawValue, let first = rest.dropFirst().first else { return nil }
    var (content, count) = (rest.dropFirst(2), Int(first))
    if first >= 0x80 {
      // One or two bytes of length suffice for any key file.
      let lengthBytes = Int(first & 0x7F)
      guard (1...2).contains(lengthBytes), content.count >= lengthBytes else { return nil }
      count = content.prefix(lengthBytes).reduce(0) { $0 << 8 | Int($1) }
      guard count >= (lengthBytes == 1 ? 0x80 : 0x100) else { return nil }
      content = content.dropFirst(lengthBytes)
    }
    guard count <= content.count else { return nil }
    rest = content.dropFirst(count)
    return DERReader(content.prefix(count))
  }
}
