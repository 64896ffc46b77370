import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on this machine's loopback for one test: it answers each request with the bytes that the test says, true or false.
public final class LoopbackServer: Sendable {
  /// A request, as it was heard.
  public struct Request: Sendable {
    /// Counted from 0.
    public let number: Int
    public let method: String
    /// Path and query.
    public let target: String
    /// By lower-case name.
    public let headers: [String: String]

    public var path: String { String(target.prefix { $0 != "?" }) }

    /// The bytes that are asked for.
    public var range: ClosedRange<Int>? {
      let ends = headers["range"]?.split(separator: "=").last?.split(separator: "-").compactMap { Int($0) } ?? []
      return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }
  }

  /// A step of an answer.
  public enum Step: Sendable {
    case bytes([UInt8])
    /// Zeros until the other side closes.
    case endless
    case close
    /// From here on TLS is spoken, as after a proxy said that it passes on.
    case secure
  }

  /// Who a server says it is: a certificate and its key, as PEM files.
  public struct Identity: Sendable {
    let context: NIOSSLContext

    public init(certificate: String, key: String) throws {
      let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
      context = try NIOSSLContext(
        configuration: .makeServerConfiguration(
          certificateChain: chain, privateKey: .privateKey(NIOSSLPrivateKey(file: key, format: .pem))))
    }
  }

  public typealias Answer = @Sendable (Request) -> [Step]

  private let channel: any Channel
  private let isSecure: Bool
  private let heard = Mutex<[Request]>([])
  private let sent = Mutex(0)

  /// - Parameters:
  ///   - identity: Who it is where TLS is spoken.
  ///   - isSecure: Whether that is from the first byte on; otherwise from the step that says so.
  public init(identity: Identity? = nil, isSecure: Bool = true, _ answer: @escaping Answer) throws {
    self.isSecure = isSecure && identity != nil
    let isSecure = self.isSecure
    let box = Mutex<LoopbackServer?>(nil)
    let shared = Box(box: box)
    channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let conversation = Conversation(answer, shared, identity)
          if isSecure { try conversation.secure(channel.pipeline.syncOperations) }
          try channel.pipeline.syncOperations.addHandler(conversation)
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
    shared.box.withLock { $0 = self }
  }

  public var port: Int { channel.localAddress?.port ?? 0 }

  /// `http://127.0.0.1:PORT`, or https.
  public var address: String { "\(isSecure ? "https" : "http")://127.0.0.1:\(port)" }

  public var requests: [Request] { heard.withLock(\.self) }

  /// Bytes of answers that were written.
  public var sentByteCount: Int { sent.withLock(\.self) }

  fileprivate func hear(_ method: String, _ target: String, _ headers: [String: String]) -> Request {
    heard.withLock { heard in
      let request = Request(number: heard.count, method: method, target: target, headers: headers)
      heard.append(request)
      return request
    }
  }

  fileprivate func count(_ bytes: Int) { sent.withLock { $0 += bytes } }
}

/// A reference that is set once the server is made.
private final class Box: Sendable {
  let box: Mutex<LoopbackServer?>
  init(box: consuming Mutex<LoopbackServer?>) { self.box = box }
}

/// Reads requests of one connection and writes what the test says.
private final class Conversation: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: LoopbackServer.Answer
  private let server: Box
  private let identity: LoopbackServer.Identity?
  private var text: [UInt8] = []

  init(_ answer: @escaping LoopbackServer.Answer, _ server: Box, _ identity: LoopbackServer.Identity?) {
    (self.answer, self.server, self.identity) = (answer, server, identity)
  }

  func secure(_ pipeline: ChannelPipeline.SynchronousOperations) throws {
    guard let identity else { preconditionFailure("TLS needs an identity") }
    try pipeline.addHandler(NIOSSLServerHandler(context: identity.context), position: .first)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    text += unwrapInboundIn(data).readableBytesView
    while let end = text.indices.dropLast(3).first(where: { text[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }) {
      let lines = String(decoding: text[..<end], as: UTF8.self).split(separator: "\r\n")
      text.removeFirst(end + 4)
      let words = lines[0].split(separator: " ")
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
      }
      guard let server = server.box.withLock(\.self) else { return context.close(promise: nil) }
      for step in answer(server.hear(String(words[0]), String(words[1]), headers)) {
        switch step {
        case .bytes(let bytes):
          server.count(bytes.count)
          context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
        case .endless: flood(context, server)
        case .secure: try? secure(context.pipeline.syncOperations)
        case .close:
          // After what was written is out.
          let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
          context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in loop.value.close(promise: nil) }
        }
      }
    }
  }

  /// Writes on as the other side takes it.
  private func flood(_ context: ChannelHandlerContext, _ server: LoopbackServer) {
    let zeros = ByteBuffer(repeating: 0, count: 64 << 10)
    let loop = NIOLoopBound(context, eventLoop: context.eventLoop)
    let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
    server.count(zeros.readableBytes)
    context.writeAndFlush(wrapOutboundOut(zeros)).whenSuccess { handler.value.flood(loop.value, server) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
