import ByteStorage
import Foundation
import TestSupport
import Testing
import Tokenization

/// What must hold for every text, not only for those that have vectors.
struct RoundTripTests {
  private static let names = ["llama2", "llama3", "qwen2", "sentencepiece", "gpt2", "metaspace-first"]

  /// Texts of scalars of all planes, white space and the tokenizer's own special tokens.
  private func texts(seed: UInt64, count: Int) -> [String] {
    var numbers = SeededNumbers(seed: seed)
    return (0..<count).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...40, using: &numbers) {
        let ranges: [ClosedRange<UInt32>] = [
          0x20...0x7E, 0x61...0x7A, 0x20...0x20, 0x0...0x1F, 0xA0...0x2FF, 0x300...0x36F, 0x370...0x2FFF, 0x3000...0xD7FF,
          0xE000...0x10FFFF,
        ]
        let range = ranges[Int.random(in: 0..<ranges.count, using: &numbers)]
        if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &numbers)) { text.append(scalar) }
      }
      return String(text)
    }
  }

  /// What a kind promises to give back.
  private func promise(_ name: String, _ text: String) -> String {
    // The mark stands for a space; Metaspace takes the space that a text begins with for the one it would put there.
    name == "llama2" || name == "sentencepiece" ? text.replacing("▁", with: " ") : text
  }

  @Test(arguments: ["llama2", "llama3", "gpt2-free", "sentencepiece"]) func decodingUndoesEncoding(name: String) throws {
    let tokenizer = try TokenizerFixtures.tokenizer(name == "gpt2-free" ? "tekken" : name)
    let strings = try TokenizerFixtures.strings("strings")
    for text in texts(seed: 41, count: 500) + strings {
      let decoded = try tokenizer.decode(tokenizer.encode(text, addsSpecialTokens: false, findsAddedTokens: false))
      #expect(decoded.hasSameBytes(as: promise(name, text)), "\(text.debugDescription): \(decoded.debugDescription)")
    }
  }

  /// Composed text comes back as it is; other text comes back composed, which encodes to the same.
  @Test func compositionIsTheOnlyChange() throws {
    let tokenizer = try TokenizerFixtures.tokenizer("qwen2")
    for text in texts(seed: 42, count: 500) {
      let ids = try tokenizer.encode(text)
      let decoded = tokenizer.decode(ids)
      // Swift's strings are equal where Unicode's canonical forms are.
      #expect(try decoded == text && tokenizer.encode(decoded) == ids, "\(text.debugDescription)")
    }
  }

  @Test(arguments: names) func streamedTextIsTheSame(name: String) throws {
    let tokenizer = try TokenizerFixtures.tokenizer(name)
    for text in try TokenizerFixtures.strings("strings-few") {
      let ids = try tokenizer.encode(text)
      for skips in [false, true] {
        var decoder = TextDecoder(tokenizer, skipsSpecialTokens: skips)
        let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
        #expect(streamed.hasSameBytes(as: tokenizer.decode(ids, skipsSpecialTokens: skips)), "\(text.debugDescription)")
      }
    }
  }

  /// Ids at random, most of which are no UTF-8 together.
  @Test(arguments: ["llama3", "qwen2"]) func streamedBytesAreTheSame(name: String) throws {
    let tokenizer = try TokenizerFixtures.tokenizer(name)
    var numbers = SeededNumbers(seed: 43)
    for _ in 0..<500 {
      let ids = (0..<20).map { _ in
        Int.random(in: 0..<tokenizer.vocabularySize + 40, using: &numbers) % (numbers.next() % 2 == 0 ? 256 : 2000)
      }
      var decoder = TextDecoder(tokenizer, skipsSpecialTokens: false)
      let streamed = ids.map { decoder.append($0) }.joined() + decoder.finish()
      #expect(streamed.hasSameBytes(as: tokenizer.decode(ids)), "\(ids)")
    }
  }

  @Test func charactersWaitForTheirRest() throws {
    for name in ["llama3", "llama2"] {
      let tokenizer = try TokenizerFixtures.tokenizer(name)
      let ids = try tokenizer.encode("a🙂", addsSpecialTokens: false)
      #expect(ids.count >= 4)
      var decoder = TextDecoder(tokenizer)
      let parts = ids.map { decoder.append($0) }
      // Three of the face's bytes show nothing, the last shows all of it.
      #expect(parts.joined() == "a🙂" && parts.last == "🙂" && parts.suffix(4).dropLast().allSatisfy(\.isEmpty), "\(parts)")
      #expect(decoder.finish().isEmpty)
    }
  }

  @Test func idsWithoutAPieceDecodeToNothing() throws {
    let tokenizer = try TokenizerFixtures.tokenizer("qwen2")
    #expect(tokenizer.vocabularySize == 1503)
    let ids = try tokenizer.encode("Once upon")
    #expect(tokenizer.decode([1503, -1] + ids + [1535, 1_000_000]) == "Once upon")
    #expect(tokenizer.piece(1503) == nil && tokenizer.piece(1502) != nil)
  }

  /// A megabyte without a place to cut it costs no more than some times as much as a megabyte of words.
  @Test(arguments: ["llama2", "llama3", "qwen2", "sentencepiece"]) func longWordsCostNoSquares(name: String) throws {
    let tokenizer = try TokenizerFixtures.tokenizer(name)
    let piece = try TokenizerFixtures.strings("strings").joined(separator: " ")
    var text = ""
    while text.utf8.count < 1 << 20 { text += piece }
    let (mixed, some) = try ThreadTime.measure { try tokenizer.encode(text).count }
    let (unbroken, others) = try ThreadTime.measure { try tokenizer.encode(String(repeating: "xyzzy", count: (1 << 20) / 5)).count }
    #expect(some > 0 && others > 0)
    // Merging by squares would take thousands of times as long.
    #expect(unbroken < 100 * mixed, "\(unbroken) s against \(mixed) s")
  }
}

/// Processor time of the thread that asks, which other work on the machine hardly changes.
private enum ThreadTime {
  static func measure<Result>(_ body: () throws -> Result) rethrows -> (seconds: Double, result: Result) {
    let start = now
    let result = try body()
    return (now - start, result)
  }

  private static var now: Double {
    var time = timespec()
    // Sound: the place is borrowed for the call.
    guard unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0 else { return 0 }
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
