import Bundles
import ByteStorage
import TestSupport
import Testing

/// What `formats/bundle.md` allows, and other writers may do.
struct ToleranceTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ forge: BundleForge) throws -> ModelBundle {
    try ModelBundle.open(path: folder.write(forge.bytes, to: "variant.griffin"))
  }

  @Test func unknownMembersAreIgnoredEverywhere() throws {
    var forge = try BundleForge(.named("pair.griffin"))
    for place in [
      "{\"format\"", "{\"target\":\"q8_0\"", "{\"family\"", "{\"kind\"", "{\"relation\"", "{\"name\":\"target/model.norm.weight\"", "{\"offset\"",
      "{\"name\":\"target/LICENSE\"", "{\"component\"",
    ] {
      try forge.replace(place, "{\"errors\":{\"rmse\":[1e-3,{}]},\"Name\":null," + place.dropFirst())
    }
    let bundle = try open(forge)
    let original = try ModelBundle.open(path: Vector.named("pair.griffin").path)
    #expect(bundle.manifest == original.manifest)
    #expect(bundle.digest != original.digest)
    #expect(try bundle.verifyPayloads(threads: 1).isEmpty)
  }

  @Test func theManifestMayEndInSpacesAndHoldWhiteSpace() throws {
    var forge = try BundleForge(.named("pair.griffin"))
    try forge.replace("{\"format\":", "{\r\n\t\"format\" :\n ")
    forge.manifest += "     \n"
    #expect(try open(forge).tensors.count == 7)
  }

  @Test func membersMayComeInAnyOrder() throws {
    var forge = try BundleForge(.named("draft-only.griffin"))
    try forge.replace("\"version\":1,", "")
    try forge.replace("\"metadata\":{}}", "\"metadata\":{},\"version\":1}")
    try forge.replace("\"relation\":\"absent\",\"rows_different\":null", "\"rows_different\":null,\"relation\":\"absent\"")
    #expect(try open(forge).manifest == ModelBundle.open(path: Vector.named("draft-only.griffin").path).manifest)
  }

  @Test func aLongManifestMovesThePayloads() throws {
    var forge = try BundleForge(.named("draft-only.griffin"))
    try forge.replace("\"metadata\":{}", "\"metadata\":{\"k\":\"\(String(repeating: "v", count: 20_000))\"}")
    try forge.replace("\"offset\":16384", "\"offset\":32768")
    let bundle = try open(forge)
    #expect(bundle.payload(ofTensor: 0).offset == 32768)
    #expect(try bundle.verifyPayloads(threads: 1).isEmpty)
  }

  /// Rule A4: what an attachment's frame must be is checked when its content is asked for, and by the integrity check.
  @Test(arguments: [
    ("another size", GriffinError.Kind.malformed, "states 42 bytes of content, expected 43"), ("no frame", .malformed, "expected a zstd frame"),
    ("another content", .malformed, "its content's SHA-256"), ("cut off", .malformed, "damaged or cut off"),
  ]) func aFrameThatIsNotWhatItShouldBeIsRefused(flaw: String, kind: GriffinError.Kind, message: String) throws {
    var forge = try BundleForge(.named("pair.griffin"))
    switch flaw {
    case "another size": try forge.replace("\"bytes\":42", "\"bytes\":43")
    case "no frame": forge.damage.append { $0[16384] ^= 1 }
    case "another content": forge.damage.append { $0[16384 + 20] ^= 1 }
    default: try forge.replace("\"bytes\":54", "\"bytes\":53")
    }
    let bundle = try open(forge)
    let error = #expect(throws: GriffinError.self) { try bundle.attachment(named: "target/config.json") }
    #expect(error?.kind == kind)
    #expect(error?.offset == 16384)
    #expect(error?.message.hasPrefix("attachment target/config.json: ") == true)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    let failures = try bundle.verifyPayloads(threads: 2)
    // The byte that was cut off the frame is padding now, and not zero.
    #expect(failures.count == (flaw == "cut off" ? 2 : 1))
    #expect(failures.first?.message.contains("attachment target/config.json") == true)
    #expect(try bundle.attachment(named: "draft/config.json") != nil)
  }
}
