import SpeculativeDecoding
import Testing
import Verification

struct BuiltinPromptsTests {
  /// SplitMix64 from its published definition, computed elsewhere.
  private static let known = [
    [11355, 20790, 20026, 7745, 23440, 29009, 13182, 15322],
    [18715, 30435, 7304, 5419, 11091, 10042, 28950, 4326],
    [8870, 31661, 7848, 11933, 18766, 27013, 1641, 602],
    [16387, 6575, 1063, 23141, 26340, 11073, 10579, 24379],
  ]

  @Test func promptsAreTheSameEverywhere() {
    let prompts = DrawnPrompts.draw(count: 4, vocabularySize: 32000, beginToken: nil)
    #expect(prompts == BuiltinPromptsTests.known)
    #expect(DrawnPrompts.draw(count: 2, vocabularySize: 32000, beginToken: 1) == prompts.prefix(2).map { [1] + $0 })
  }

  @Test func idsLieInTheVocabulary() {
    for vocabulary in [1, 2, 7, 128_256] {
      let prompts = DrawnPrompts.draw(count: 50, length: 20, vocabularySize: vocabulary, beginToken: nil)
      #expect(prompts.count == 50 && prompts.allSatisfy { $0.count == 20 })
      #expect(prompts.joined().allSatisfy { (0..<vocabulary).contains($0) })
    }
    #expect(DrawnPrompts.draw(count: 0, vocabularySize: 5, beginToken: nil).isEmpty)
  }
}
