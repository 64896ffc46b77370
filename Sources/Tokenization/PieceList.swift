internal import ByteStorage

/// The pieces of a vocabulary by id, their bytes in one block.
public struct PieceList: Sendable, RandomAccessCollection {
  public typealias Piece = TokenizerParts.Piece

  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []
  private var types: [TokenizerParts.PieceType] = []
  /// Empty while all are 0.
  private var scores: [Float] = []

  public init() {}

  public init(_ pieces: some Sequence<Piece>) {
    for piece in pieces { append(piece) }
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { ends.count }

  public subscript(id: Int) -> Piece {
    Piece(bytes: Array(bytes[range(of: id)]), score: score(of: id), type: types[id])
  }

  public mutating func append(_ piece: Piece) {
    append(piece.bytes.span, 0..<piece.bytes.count, score: piece.score, type: piece.type)
  }

  mutating func append(_ text: Span<UInt8>, _ range: Range<Int>, score: Float = 0, type: TokenizerParts.PieceType) {
    // By bits, so that a zero keeps its sign.
    if score.bitPattern != 0, scores.isEmpty { scores = [Float](repeating: 0, count: ends.count) }
    if score.bitPattern != 0 || !scores.isEmpty { scores.append(score) }
    text.rawBytes.extracting(range).append(to: &bytes)
    ends.append(UInt32(bytes.count))
    types.append(type)
  }

  /// Makes room for so many pieces with so many bytes.
  mutating func reserve(_ count: Int, byteCount: Int) {
    bytes.reserveCapacity(byteCount)
    ends.reserveCapacity(count)
    types.reserveCapacity(count)
  }

  /// The bytes of all pieces, one after another.
  var block: Span<UInt8> {
    @_lifetime(borrow self)
    get { bytes.span }
  }

  /// Where in `block` a piece is.
  func range(of id: Int) -> Range<Int> { (id == 0 ? 0 : Int(ends[id - 1]))..<Int(ends[id]) }
  func byteCount(of id: Int) -> Int { range(of: id).count }
  func type(of id: Int) -> TokenizerParts.PieceType { types[id] }
  func score(of id: Int) -> Float { scores.isEmpty ? 0 : scores[id] }

  /// Whether a piece has just these bytes.
  func hasBytes(_ text: [UInt8], at id: Int) -> Bool {
    let range = range(of: id)
    return range.count == text.count && bytes.rawBytes.equals(at: range.lowerBound, text.rawBytes, 0..<text.count)
  }

  /// The first piece with these bytes.
  func firstID(of text: [UInt8], where condition: (TokenizerParts.PieceType) -> Bool = { _ in true }) -> Int? {
    indices.first { condition(types[$0]) && hasBytes(text, at: $0) }
  }
}
