/// Answers as well-behaved servers give them.
extension [LoopbackServer.Step] {
  /// A whole answer.
  public static func answer(_ status: String, _ headers: [String] = [], body: [UInt8] = [], statedByteCount: Int? = nil) -> [LoopbackServer.Step] {
    head(status, headers + ["Content-Length: \(statedByteCount ?? body.count)"]) + (body.isEmpty ? [] : [.bytes(body)])
  }

  /// Status line and headers alone.
  public static func head(_ status: String, _ headers: [String]) -> [LoopbackServer.Step] {
    [.bytes([UInt8]((["HTTP/1.1 \(status)"] + headers + ["", ""]).joined(separator: "\r\n").utf8))]
  }

  /// The range of a file that is asked for.
  public static func range(of file: [UInt8], _ request: LoopbackServer.Request, version: String = "\"one\"", headers: [String] = []) -> [LoopbackServer.Step] {
    if let expected = request.headers["if-match"], expected != version { return answer("412 Precondition Failed") }
    guard let range = request.range else { return answer("200 OK", ["ETag: \(version)"] + headers, body: file) }
    guard range.lowerBound < file.count else { return answer("416 Range Not Satisfiable", ["Content-Range: bytes */\(file.count)"]) }
    let part = range.clamped(to: 0...file.count - 1)
    return answer(
      "206 Partial Content", ["ETag: \(version)", "Content-Range: bytes \(part.lowerBound)-\(part.upperBound)/\(file.count)"] + headers,
      body: [UInt8](file[part]))
  }

  public static var missing: [LoopbackServer.Step] { answer("404 Not Found", body: [UInt8]("no such file".utf8)) }
}

extension LoopbackServer {
  /// Serves files under `/FOLDER/NAME` as a plain site does.
  public static func serving(_ files: [String: [UInt8]]) throws -> LoopbackServer {
    try LoopbackServer { request in
      guard let file = files[request.path] else { return .missing }
      return .range(of: file, request)
    }
  }
}
