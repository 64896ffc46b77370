import ByteStorage
import Reports
import TestSupport
import Testing

/// Documents in which values are missing, of another kind or out of range: a page is drawn all the same.
struct OddDocumentTests {
  @Test(arguments: 0..<200) func anyDocumentGivesAWholePage(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let page = ReportPage(
      path: "pair.griffin", inspection: OddDocumentTests.changed(SampleDocuments.inspection(), &numbers),
      verification: OddDocumentTests.changed(SampleDocuments.verification(), &numbers), tuning: OddDocumentTests.changed(SampleDocuments.tuning, &numbers))
    let checked = PageChecker(page.html)
    #expect(checked.problems.isEmpty, "seed \(seed): \(checked.problems)")
  }

  @Test func emptyDocumentsToo() {
    for document: JSONValue in [[:], nil, [], "text", 3] {
      #expect(PageChecker(ReportPage(path: "", inspection: document, verification: document, tuning: document).html).problems.isEmpty)
    }
  }

  private static let odd: [JSONValue] = [
    nil, true, "text", "", [], [:], -1, 0, .integer(.max), .integer(.min), .number(.nan), .number(.infinity), -0.0, 1e308, -1e308, .number(.leastNonzeroMagnitude), [1, nil, "x"],
    ["a": 1],
  ]

  /// One value in about twenty is another.
  private static func changed(_ value: JSONValue, _ numbers: inout SeededNumbers) -> JSONValue {
    if numbers.next() % 20 == 0 { return odd[Int(numbers.next() % UInt64(odd.count))] }
    switch value {
    case .array(let elements): return .array(elements.map { changed($0, &numbers) })
    case .object(let object): return .object(JSONObject(object.members.map { JSONObject.Member(key: $0.key, value: changed($0.value, &numbers)) }))
    default: return value
    }
  }
}
