import Foundation
import TestSupport
import Testing

/// What two bundles or checkpoints differ in.
struct DiffTests {
  private func differences(_ arguments: [String]) throws -> (status: Int32, list: [[String: Any]], document: [String: Any]) {
    let outcome = try Program.run(["diff"] + arguments + ["--json"])
    let document = try outcome.json
    return (outcome.status, try #require(document["differences"] as? [[String: Any]], "\(outcome.errors)"), document)
  }

  @Test func aBundleIsItsSource() throws {
    let folder = try TemporaryFolder()
    let bundle = folder["target.griffin"]
    let source = Golden.path("llama2-tiny/target")
    #expect(try Program.run(["convert", "--target", source, "-o", bundle]).status == 0)
    let (status, list, document) = try differences([bundle, source])
    #expect(status == 0 && list.isEmpty && document["identical"] as? Bool == true && document["shared_tensors"] as? Int == 39)
    #expect(try Program.run(["diff", source, source]).output.contains("identical: 39 tensors"))
  }

  @Test func whatWasQuantizedIsNamed() throws {
    let folder = try TemporaryFolder()
    let (copy, _) = try Golden.convert("llama2-tiny", into: folder)
    let quantized = folder["q.griffin"]
    #expect(try Program.run(["quantize", copy, "--recipe", "q8_0", "-o", quantized, "--metadata", "by=me"]).status == 0)
    let (status, list, document) = try differences([copy, quantized, "--values"])
    #expect(status == 1)
    let types = list.filter { $0["kind"] as? String == "type" }
    #expect(types.count == 41 && types.allSatisfy { $0["a"] as? String == "f16" && $0["b"] as? String == "q8_0" })
    for difference in types {
      let error = try #require(difference["error"] as? [String: Double])
      #expect(error["rmse"]! > 0 && error["rmse"]! <= error["max"]! && error["cosine"]! > 0.999)
    }
    #expect(document["worst"] is String)
    #expect(list.contains { $0["kind"] as? String == "metadata" && $0["name"] as? String == "by" && $0["a"] is NSNull })
  }

  @Test func othersDiffer() throws {
    let (status, list, _) = try differences([Golden.path("llama2-tiny/target"), Golden.path("llama2-wide/target")])
    #expect(status == 1 && list.contains { $0["kind"] as? String == "shape" } && list.contains { $0["name"] as? String == "target.hidden_size" })
    let (_, drafts, _) = try differences([Golden.path("llama2-tiny/target"), Golden.path("llama2-tiny/draft")])
    #expect(drafts.contains { $0["kind"] as? String == "missing" && $0["b"] is NSNull } && drafts.contains { $0["a"] is NSNull })
    #expect(try Program.run(["diff", "nothing", "there"]).status == 66)
  }
}
