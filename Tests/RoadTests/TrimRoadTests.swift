import Foundation
import TestSupport
import Testing

/// Drafts with a head over a part of the vocabulary: made, decoded, refused.
struct TrimRoadTests {
  private static let text = """
    Once upon a time, there was a small dog who lived near the river. One day, the mouse went for a walk and found a little lantern.
    The mouse was lost and did not know the way home. The fox was kind and helped the mouse. They walked together and were happy.
    """

  private static func files(_ name: String) throws -> (target: String, draft: String) {
    (Golden.path("llama2-tiny/target"), name == "llama2-eagle2" ? try Fixtures.golden(name) + "/draft" : Golden.path("llama2-tiny/draft"))
  }

  @Test(arguments: ["llama2-tiny", "llama2-eagle2"], ["copy", "q8_0"])
  func trimmedPairsDecodeTheSame(name: String, recipe: String) throws {
    let folder = try TemporaryFolder()
    let (target, draft) = try TrimRoadTests.files(name)
    try Data(TrimRoadTests.text.utf8).write(to: URL(fileURLWithPath: folder.path("text.txt")))
    let bundle = folder.path("trimmed.griffin")
    let arguments = ["convert", "--target", target, "--draft", draft, "--quantize", recipe, "--json"]
    let converted = try Program.run(arguments + ["-o", bundle, "--trim-vocab", "400", "--text", folder.path("text.txt")])
    #expect(converted.status == 0, "\(converted.errors)")
    let warnings = try #require(try converted.json["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("the draft keeps 400 of 1600 tokens") }, "\(warnings)")
    #expect(try Program.run(arguments + ["-o", folder.path("whole.griffin")]).status == 0)
    // A pair that is in a bundle, as one that was aligned, is trimmed to the same tensors.
    let again = try Program.run([
      "convert", "--target", folder.path("whole.griffin"), "--draft", folder.path("whole.griffin"), "-o", folder.path("again.griffin"),
      "--trim-vocab", "400", "--text", folder.path("text.txt"), "--json",
    ])
    #expect(again.status == 0, "\(again.errors)")
    func digests(_ bundle: String) throws -> [[String]] {
      let tensors = try Program.run(["inspect", bundle, "--tensors", "--json"]).json["tensors"] as? [[String: Any]]
      return try #require(tensors).map { tensor in ["name", "type", "sha256"].map { "\(tensor[$0] ?? "")" } }
    }
    let made = try digests(folder.path("again.griffin"))
    if recipe == "copy" { #expect(try made == digests(bundle)) }
    #expect(made.contains { $0[0] == "draft/lm_head.weight" } && !made.contains { $0[2].isEmpty })

    let shown = try Program.run(["inspect", bundle, "--tensors", "--json"]).json
    let tensors = try #require(shown["tensors"] as? [[String: Any]])
    func shape(_ name: String) -> [Int]? { tensors.first { $0["name"] as? String == name }?["shape"] as? [Int] }
    #expect(shape("draft/lm_head.weight")?.first == 400 && shape("draft/d2t") == [400])

    // Speculative output is plain output, and plain output does not know the draft.
    let decode = ["--prompt", "Once upon a time, there was a", "--prompt-ids", "1,17,300,42", "--max-new-tokens", "24", "--json", "--chat-template", "none"]
    let (trimmed, whole) = (try Program.run(["verify", bundle] + decode), try Program.run(["verify", folder.path("whole.griffin")] + decode))
    #expect(trimmed.status == 0 && whole.status == 0, "\(trimmed.errors)\(whole.errors)")
    func cases(_ outcome: Program.Outcome) throws -> [[String: Any]] { try #require(try outcome.json["cases"] as? [[String: Any]]) }
    for (mine, other) in zip(try cases(trimmed), try cases(whole)) {
      #expect(mine["identical"] as? Bool == true && mine["speculative_ids"] as? [Int] == other["speculative_ids"] as? [Int])
    }
  }

  @Test func whatCannotBeTrimmedIsRefused() throws {
    let folder = try TemporaryFolder()
    let (target, draft) = try TrimRoadTests.files("llama2-tiny")
    try Data(TrimRoadTests.text.utf8).write(to: URL(fileURLWithPath: folder.path("text.txt")))
    func run(_ arguments: String...) throws -> Program.Outcome {
      try Program.run(["convert", "-o", folder.path("out.griffin")] + arguments)
    }
    let text = folder.path("text.txt")
    let refusals: [(Program.Outcome, String)] = [
      (try run("--target", target, "--draft", draft, "--trim-vocab", "400"), "go together"),
      (try run("--target", target, "--draft", draft, "--trim-vocab", "0", "--text", text), "expected 1 or more"),
      (try run("--target", target, "--draft", draft, "--trim-vocab", "1600", "--text", text), "the target has 1600 tokens"),
      (try run("--draft", draft, "--trim-vocab", "400", "--text", text), "give --target SRC and --draft SRC"),
      (
        try run("--target", Fixtures.golden("llama3-eagle3") + "/target", "--draft", Fixtures.golden("llama3-eagle3") + "/draft", "--trim-vocab", "400", "--text", text),
        "a head of its own"
      ),
    ]
    for (outcome, words) in refusals { #expect(outcome.status == 64 && outcome.errors.contains(words), "\(words): \(outcome.errors)") }
    #expect(folder.names == ["text.txt"])
  }
}
