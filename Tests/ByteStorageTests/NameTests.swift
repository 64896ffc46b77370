import ByteStorage
import Testing

struct NameTests {
  @Test(arguments: [
    ("model.layers.0.lora_A.weight", ".lora_A.", true), ("aab", "ab", true), ("ab", "abc", false), ("abc", "", true), ("", "a", false),
    ("für", "ü", true), ("a.b.c", "b.d", false), ("xx.lora_", ".lora_", true),
  ]) func partsAreFoundByTheirBytes(text: String, part: String, isThere: Bool) {
    #expect(text.holds(part) == isThere)
  }

  /// Of ASCII, and those of two bytes.
  @Test(arguments: [("plain", false), ("a\nb", true), ("\u{7F}", true), ("\u{85}", true), ("ä", false), ("\u{A0}", false), ("", false)])
  func controlCharactersAreFound(text: String, isThere: Bool) {
    #expect(text.holdsControls == isThere)
  }
}
