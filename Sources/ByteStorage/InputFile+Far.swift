extension InputFile {
  /// Bytes that are asked for at a time while a far file's header is read: small, since a model has many files.
  static let farPieceByteCount = 16 << 10
  /// The most that is asked for beyond what is needed.
  private static let farAheadByteCount = 1 << 20

  /// The pieces to fetch so that `range` is there: whole pieces, and the more the longer the stretch before them is that is there already.
  ///
  /// - Parameter present: What is there, in order; stretches do not touch.
  /// - Returns: The first stretch to fetch; nil where all is there.
  static func missing(_ range: Range<Int>, present: [Range<Int>], byteCount: Int) -> Range<Int>? {
    var lower = range.lowerBound
    var before = 0
    if let there = present.first(where: { $0.contains(lower) }) { (lower, before) = (there.upperBound, there.count) }
    guard lower < range.upperBound else { return nil }
    let piece = farPieceByteCount
    let start = lower / piece * piece
    let end = (max(range.upperBound, lower + min(before, farAheadByteCount)) + piece - 1) / piece * piece
    let next = present.first { $0.lowerBound > start }?.lowerBound ?? byteCount
    return start..<min(end, next, byteCount)
  }

  /// Adds a stretch to those that are there.
  static func add(_ stretch: Range<Int>, to present: inout [Range<Int>]) {
    let stretches = (present + [stretch]).sorted { $0.lowerBound < $1.lowerBound }
    present = []
    for next in stretches {
      if let last = present.last, next.lowerBound <= last.upperBound {
        present[present.count - 1] = last.lowerBound..<max(last.upperBound, next.upperBound)
      } else {
        present.append(next)
      }
    }
  }

  /// Says that a small file will be looked at as a whole.
  /// - Throws: `unsafe` where a far one is larger than `limit`; what fetching it throws.
  package func requireAll(atMost limit: Int) throws(GriffinError) {
    guard far != nil else { return }
    guard byteCount <= limit else {
      throw GriffinError(.unsafe, file: path, "the file has \(byteCount) bytes, at most \(limit) are read")
    }
    try require(0..<byteCount)
  }

  /// Lends a stretch of bytes: where they are mapped, or read into memory.
  package func withBytes<Result>(_ range: Range<Int>, _ body: (RawSpan) throws -> Result) throws -> Result {
    guard far != nil else {
      let file = self
      let bytes = file.bytes
      return try body(bytes.extracting(range))
    }
    var buffer = ByteBuffer(byteCount: range.count)
    do {
      var target = buffer.mutableBytes
      try read(at: range.lowerBound, into: &target)
    }
    return try body(buffer.bytes)
  }
}

extension FileIdentity {
  /// What a far file is known by: numbers made of its address and of its version.
  init(_ far: any FarFile) {
    func number(_ text: String) -> Int {
      SHA256Digest(of: text.rawBytes).bytes.prefix(8).reduce(0) { $0 << 8 | Int($1) } & .max
    }
    let version = number(far.version)
    self.init(byteCount: far.byteCount, device: .max, inode: UInt64(number(far.address)), modified: version, changed: version)
  }
}
