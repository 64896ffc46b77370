internal import ByteStorage
internal import NIOCore

extension Requester {
  /// The whole of a small text, such as a listing.
  /// - Returns: nil where there is none.
  /// - Throws: As `RemoteObject.open`.
  func text(_ locator: Locator, limit: Int, _ backoff: Backoff) async throws(GriffinError) -> (bytes: [UInt8], answer: Answer)? {
    let tries = Tries(locator, backoff)
    return try await tries.run { () throws in
      var bytes: [UInt8] = []
      var isThere = true
      var stated: Int?
      let answer = try await self.get(
        locator, at: nil, headers: [],
        judge: { answer in
          guard answer.status == 200 else {
            guard [404, 410].contains(answer.status) else {
              throw Failure.final(GriffinError(.unsupported, file: locator.shown, "the server answers with status \(answer.status)"))
            }
            isThere = false
            return .nothing
          }
          stated = answer.byteCount
          guard stated ?? 0 <= limit else {
            throw Failure.final(GriffinError(.unsafe, file: locator.shown, "the answer has \(stated ?? 0) bytes; at most \(limit) are read"))
          }
          return stated.map { .exactly($0) } ?? .atMost(limit)
        }, body: { bytes.append(contentsOf: $0.readableBytesView) })
      return isThere ? (bytes, answer) : nil
    }
  }
}
