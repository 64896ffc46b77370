import ByteStorage
import Patterns
import TestSupport
import Testing

/// Cuts against those that Oniguruma makes in Hugging Face's tokenizers.
struct PatternVectorTests {
  @Test func agrees() throws {
    let bytes = try Fixtures.bytes("tokenizers/patterns.json")
    let rows = try #require(try JSONValue.parse(bytes.rawBytes, limits: .tokenizer).array)
    var (agreeing, refused, failures): (Int, Int, [String]) = (0, 0, [])
    for row in rows {
      let expression = try #require(row.array?.first?.string)
      let pattern: TextPattern
      do throws(GriffinError) {
        pattern = try TextPattern(expression)
      } catch {
        // What is not read is refused by its name.
        #expect(error.kind == .unsupported, "\(expression): \(error)")
        refused += 1
        continue
      }
      for sample in try #require(row.array?[1].array) {
        let text = try #require(sample.array?.first?.string)
        let expected = sample.array?[1].array?.compactMap(\.integer)
        let lengths = try lengths(pattern, Array(text.utf8))
        if lengths == expected {
          agreeing += 1
        } else {
          failures.append("\(expression) on \(text.debugDescription): \(lengths), expected \(expected ?? [])")
        }
      }
    }
    #expect(failures.isEmpty, "\(failures.count) differ: \(failures.prefix(5).joined(separator: "\n"))")
    #expect(agreeing > 1350 && refused < rows.count / 8, "\(agreeing) agree, \(refused) of \(rows.count) refused")
  }

  /// Oniguruma takes bytes for characters where a negated class in a negated one leaves no character beyond ASCII.
  @Test(arguments: [#"[^[^\p{Lu}\P{Lu}]]"#, "[^[^\\H]&&\\d]", "[^a[b[^c]]]", "[^a&&[^b]]"])
  func aNegatedClassInANegatedClassIsRefused(expression: String) {
    let error = #expect(throws: GriffinError.self) { try TextPattern(expression) }
    #expect(error?.kind == .unsupported && error?.message.contains("a negated class in a negated class") == true)
  }

  @Test(arguments: ["[a[^b]]", "[[^a][^b]]", "[^a[b]]", "[^a&&[b]]", "[^a][^b]", "[a[^b[^c]]]"])
  func otherNegatedClassesAreRead(expression: String) throws { _ = try TextPattern(expression) }

  private func lengths(_ pattern: TextPattern, _ bytes: [UInt8]) throws -> [Int] {
    var (lengths, done): ([Int], Int) = ([], 0)
    var budget = WorkBudget(byteCount: bytes.count)
    try pattern.forEachMatch(in: bytes.span, 0..<bytes.count, &budget) { (match) throws(GriffinError) in
      lengths += [match.lowerBound - done, match.count].filter { $0 > 0 }
      done = match.upperBound
    }
    return lengths + [bytes.count - done].filter { $0 > 0 }
  }
}
