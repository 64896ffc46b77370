import ByteStorage
import TestSupport
import Testing
import Verification

/// Files of prompts as benchmarks publish them.
struct PromptFileTests {
  private func prompts(_ text: String) throws -> [VerificationRequest.Prompt] {
    let folder = try TemporaryFolder()
    return try PromptFile.read(path: folder.write(Array(text.utf8), to: "prompts"))
  }

  private func contents(_ text: String) throws -> [VerificationRequest.Prompt.Content] { try prompts(text).map(\.content) }

  @Test func benchmarksAreReadAsTheyArePublished() throws {
    let humanEval = #"{"task_id": "HumanEval/0", "prompt": "def f(x):\n    \"\"\"Doc.\"\"\"\n", "entry_point": "f", "canonical_solution": "    return x\n", "test": "assert"}"#
    let gsm8k = ##"{"question": "How many?", "answer": "6 * 7 = <<6*7=42>>42\n#### 42"}"##
    let mtBench = #"{"question_id": 81, "category": "writing", "turns": ["Compose a post.", "Rewrite it."], "reference": []}"#
    let ids = #"{"prompt_ids": [1, 450, 7483], "name": "mine"}"#
    let read = try prompts([humanEval, gsm8k, mtBench, ids].joined(separator: "\n"))
    #expect(
      read.map(\.content) == [
        .turns(["def f(x):\n    \"\"\"Doc.\"\"\"\n"]), .turns(["How many?"]), .turns(["Compose a post.", "Rewrite it."]), .ids([1, 450, 7483]),
      ])
    #expect(read.map(\.name) == ["HumanEval/0", "line 2", "question_id 81", "mine"])
    #expect(read.map(\.turnCount) == [1, 1, 2, 1] && read.map(\.isText) == [true, true, true, false])
  }

  @Test func plainTextIsAPromptALine() throws {
    #expect(try contents("Once upon\r\n\n  two {\n") == [.turns(["Once upon"]), .turns(["  two {"])])
    #expect(try contents("\u{FEFF}one\n\ntwo") == [.turns(["one"]), .turns(["two"])])
    #expect(try contents("[1]\n{\"x\": 1}") == [.turns(["[1]"]), .turns(["{\"x\": 1}"])])
  }

  @Test(arguments: [
    ("", "no prompts"), (" \n\n", "no prompts"), ("{\"a\": 1}", "line 1"), ("{\"prompt\": \"x\"}\nplain", "expected"),
    ("{\"prompt\": \"x\"}\n{\"prompt\": 7}", "line 2"), ("{\"turns\": []}", "turns"), ("{\"turns\": [\"a\", 1]}", "turns"),
    ("{\"prompt_ids\": []}", "prompt_ids"), ("{\"prompt_ids\": [1, -2]}", "prompt_ids"), ("{\"prompt\": \"x\"", "end"),
    ("{\"prompt\": \"x\", \"prompt\": \"y\"}", "duplicate"),
  ])
  func malformedFilesAreRefused(text: String, word: String) throws {
    let error = #expect(throws: GriffinError.self) { try prompts(text) }
    #expect(error?.kind == .malformed && error?.message.contains(word) == true, "\(String(describing: error))")
    #expect(error?.file?.hasSuffix("prompts") == true)
  }

  @Test func offsetsAreThoseOfTheFile() throws {
    let error = #expect(throws: GriffinError.self) { try prompts("{\"prompt\": \"x\"}\n{\"prompt\": oops}") }
    #expect(error?.offset == 16 + 11)
    let compressed = #expect(throws: GriffinError.self) {
      let folder = try TemporaryFolder()
      return try PromptFile.read(path: folder.write([0x1F, 0x8B, 8, 0], to: "prompts.gz"))
    }
    #expect(compressed?.kind == .unsupported)
  }

  @Test func builtinPromptsAreADozenOfThreeKinds() {
    let prompts = BuiltinPrompts.texts
    #expect(prompts.count == 12 && Set(prompts.map(\.name)).count == 12)
    for kind in ["chat", "code", "arithmetic"] { #expect(prompts.count { $0.name.hasPrefix(kind) } == 4) }
    // The first few show every kind.
    #expect(Set(prompts.prefix(Verifier.builtinPromptCount).map { $0.name.prefix(4) }).count == 3)
  }
}
