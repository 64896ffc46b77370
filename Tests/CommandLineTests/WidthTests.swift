import Foundation
import TestSupport
import Testing

/// What commands print for people fits 80 columns, but for names and digests that are longer.
struct WidthTests {
  @Test func reportsFit() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let (source, draft) = (Golden.path("llama2-tiny/target"), Golden.path("llama2-tiny/draft"))
    #expect(try Program.run(["quantize", bundle, "--recipe", "q4_k_m", "-o", folder["q.griffin"]]).status == 0)
    try FileManager.default.createSymbolicLink(atPath: folder["source"], withDestinationPath: source)
    try FileManager.default.createSymbolicLink(atPath: folder["draft"], withDestinationPath: draft)
    try FileManager.default.copyItem(atPath: Golden.path("llama2-tiny/trace.json"), toPath: folder["trace.json"])
    let commands = [
      ["verify", "q.griffin"], ["verify", "q.griffin", "--against", "source", "--against-draft", "draft", "--tolerance", "kl_mean=1e-9"],
      ["verify", "llama2-tiny.griffin", "--trace", "trace.json"], ["inspect", "q.griffin"], ["inspect", "source"],
      ["verify", "q.griffin", "--prompt-ids", "1,450,7", "--temperature", "0.8", "--draws", "2000"],
      ["convert", "--target", "source", "--draft", "draft", "-o", "again.griffin"], ["tune", "q.griffin", "--prompt-ids", "1,450,7", "--prompt-ids", "1,2"],
      ["inspect", "q.griffin", "--tensors"], ["inspect", "source", "--tensors"], ["diff", "q.griffin", "source"],
      ["diff", "q.griffin", "llama2-tiny.griffin", "--values"], ["convert", "--target", "source", "--draft", "draft", "-o", "plan.griffin", "--dry-run"],
      ["convert", "--target", "source", "--draft", "draft", "-o", "m.griffin", "--quantize", "q4_0", "--stats"],
    ]
    for command in commands {
      let outcome = try Program.run(command, in: folder.url)
      #expect(outcome.status <= 1, "\(outcome.errors)")
      for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(command[0]): \(line)") }
    }
  }

  /// A list whose rows have two lines each names every tensor, and says below each what the list of a wider screen would.
  @Test func rowsGoOnBelow() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let tensors = try #require(try Program.run(["inspect", bundle, "--tensors", "--json"]).json["tensors"] as? [[String: Any]])
    let lines = try Program.run(["inspect", bundle, "--tensors"]).output.split(separator: "\n").map(String.init)
    #expect(tensors.count > 40)
    for tensor in tensors {
      let name = try #require(tensor["name"] as? String)
      let place = try #require(lines.firstIndex(of: name), "\(name)")
      let below = lines[place + 1].split(separator: " ").map(String.init)
      #expect(below.first == tensor["type"] as? String, "\(name)")
      #expect(try below.contains("\(#require(tensor["offset"] as? Int))"), "\(name)")
    }
  }

  /// A text that goes on below itself says all that it said.
  @Test func nothingIsLostWhereALineGoesOn() throws {
    let folder = try TemporaryFolder()
    let (bundle, _) = try Golden.convert("llama2-tiny", into: folder)
    let arguments = ["verify", bundle, "--prompt-ids", "1,450,7"]
    let checks = try #require(try Program.run(arguments + ["--json"]).json["checks"] as? [[String: Any]])
    let words = try Program.run(arguments).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for check in checks { #expect(words.contains(try #require(check["detail"] as? String))) }
  }
}
