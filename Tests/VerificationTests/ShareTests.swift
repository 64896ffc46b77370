import Bundles
import ByteStorage
import Conversion
import Quantization
import SpeculativeDecoding
import TestSupport
import Testing
import Verification

/// A verification divided into shares says what one machine says.
struct ShareTests {
  private let folder: TemporaryFolder
  private let pair: TinyPair
  private let bundle: ModelBundle

  init() throws {
    folder = try TemporaryFolder()
    pair = try TinyPair()
    let inputs = try ConversionInputs(
      target: ConversionComponent(pair.target, selection: TypeSelection(.named("q8_0")), weightFiles: [], attachments: []),
      draft: ConversionComponent(pair.draft, selection: TypeSelection(.named("copy")), weightFiles: [], attachments: []))
    _ = try ConversionRun(inputs, output: folder.path("pair.griffin"), force: true, threads: 1).run()
    bundle = try ModelBundle.open(path: folder.path("pair.griffin"))
  }

  private func report(_ change: (inout VerificationRequest) -> Void = { _ in }) throws -> VerificationReport {
    var request = VerificationRequest(settings: DecodeSettings(totalTokens: 12, depth: 2, topK: 3, maxNewTokens: 12))
    request.prompts = (0..<5).map { VerificationRequest.Prompt(name: "prompt \($0)", ids: [1, 5 + $0, 9]) }
    request.against = try ModelSource.Pair(target: pair.target, draft: pair.draft)
    change(&request)
    return try Verifier(bundle, threads: 2).run(request)
  }

  /// What shares recorded, through the form that files have.
  private func records(_ count: Int, _ change: (inout VerificationRequest) -> Void = { _ in }) throws -> [ShareRecord] {
    try (0..<count).map { index in
      let share = try report {
        change(&$0)
        $0.share = Share(index, of: count)
      }
      #expect(share.fidelity == nil && share.isOK)
      let path = folder.path("share-\(index).json")
      _ = try folder.write(Array((share.record?.document.encoded() ?? "").utf8), to: "share-\(index).json")
      return try ShareRecord(path: path)
    }
  }

  /// Without the times, which no two runs share.
  private func lasting(_ report: VerificationReport) -> JSONValue {
    var document = report.document.setting(["summary", "speedup"], to: nil)
    for index in report.cases.indices {
      for name in ["seconds_vanilla", "seconds_speculative", "phase_seconds"] { document = document.setting(["cases", .element(index), .member(name)], to: nil) }
    }
    return document
  }

  @Test(arguments: [1, 2, 3, 7]) func sharesTogetherSayWhatOneMachineSays(count: Int) throws {
    let merged = try records(count)
    #expect(try lasting(report { $0.merged = merged.reversed() }) == lasting(report()))
  }

  @Test func textIsDividedToo() throws {
    let change: (inout VerificationRequest) -> Void = { $0.texts = [Array(1...40), (0..<600).map { 3 + $0 % 50 }, [4, 8, 15, 16]] }
    let merged = try records(2, change)
    let whole = try report {
      change(&$0)
      $0.merged = merged
    }
    #expect(try lasting(whole) == lasting(report(change)) && whole.fidelity?.positions == 644)
  }

  @Test func sharesOfTheTargetAloneAndWithoutComparison() throws {
    let merged = try records(2) { $0.against = nil }
    let whole = try report {
      $0.against = nil
      $0.merged = merged
    }
    #expect(try lasting(whole) == lasting(report { $0.against = nil }) && whole.misalignment != nil)
  }

  @Test func aShareThatIsMissingIsNamed() throws {
    let records = try records(3)
    let error = try #require(throws: GriffinError.self) { try report { $0.merged = [records[0], records[2]] } }
    #expect(error.kind == .inconsistent && error.message.contains("2 of 5 prompts") && error.hints[0].contains("--shard 1/3"))
    // One that was run twice does no harm.
    _ = try report { $0.merged = records + [records[1]] }
  }

  @Test func sharesOfAnotherVerificationAreRefused() throws {
    let records = try records(2)
    func refusal(_ change: (inout VerificationRequest) -> Void) throws -> String {
      let error = try #require(throws: GriffinError.self) {
        try report {
          $0.merged = records
          change(&$0)
        }
      }
      #expect(error.kind == .inconsistent)
      return error.message
    }
    #expect(try refusal { $0.settings.maxNewTokens = 11 }.contains("what ends a generation"))
    #expect(try refusal { $0.settings.totalTokens = 11 }.contains("the tree"))
    #expect(try refusal { $0.prompts?.removeLast() }.contains("the prompts and texts"))
    #expect(try refusal { $0.against = nil }.contains("the target of --against"))
    let other = try TinyPair(.init(seed: 2))
    #expect(try refusal { $0.against = try? ModelSource.Pair(target: pair.target, draft: other.draft) }.contains("its draft"))
  }

  @Test func aRecordThatIsNotWholeIsRefused() throws {
    let share = try #require(try report { $0.share = Share(0, of: 5) }.record?.document)
    let unit: [JSONValue.Step] = ["units", 0]
    let cases: [([JSONValue.Step], JSONValue?, String)] = [
      (["format"], "griffin-trace", "format is"), (["version"], 2, "version 2"), (["share"], [5, 5], "the index below the count"),
      (["units"], .array([share["units"]?.array?.first ?? .null, share["units"]?.array?.first ?? .null]), "is there twice"),
      (unit + ["unit"], -1, "units[0]"), (unit + ["cases"], .array([]), "expected as many"),
      (unit + ["cases", 0, "tree_scores"], .array([]), "a score for each node"),
      (unit + ["cases", 0, "tree_scores", 0], "AAA", "4 bytes in base64"), (unit + ["cases", 0, "trace", "prompt_ids"], .array([]), "prompt_ids is empty"),
      (unit + ["cases", 0, "first_divergence"], ["position": 0, "vanilla": 1, "speculative": 2], "first_divergence"),
      (unit + ["windows", 0, "tokens"], 3, "not of 3 tokens"), (unit + ["windows", 0, "misses", "first_pass"], "012", "\"01-\" alone"),
      (unit + ["windows", 0, "misses", "trials"], [1], "those of 5 passes"), (unit + ["windows", 0, "comparison", "kl"], "AAAAAAAAAAA=", "not as long"),
      (unit + ["windows", 0, "comparison", "loss"], nil, "loss is missing"),
    ]
    for (path, value, words) in cases {
      _ = try folder.write(Array(share.setting(path, to: value).encoded().utf8), to: "bad.json")
      let error = try #require(throws: GriffinError.self) { try ShareRecord(path: folder.path("bad.json")) }
      #expect([.malformed, .unsupported].contains(error.kind) && "\(error)".contains(words), "\(path): \(error)")
    }
  }
}
