import Calibration
import Checkpoints
import Testing

/// Texts cut into parts, as llama-imatrix cuts them.
struct CalibrationTextTests {
  private func text(_ count: Int, begin: Int?) -> CalibrationText {
    CalibrationText(text: ImportanceSums.Text(name: "t", digest: nil), ids: Array(100..<100 + count), beginToken: begin)
  }

  @Test func partsBeginAnewAndWhatIsLeftIsLeftOut() {
    #expect(text(11, begin: 1).chunks(of: 4) == [[1, 101, 102, 103], [1, 105, 106, 107]])
    #expect(text(8, begin: nil).chunks(of: 4) == [[100, 101, 102, 103], [104, 105, 106, 107]])
    #expect(text(3, begin: 1).chunks(of: 4) == [[1, 101, 102]])
    #expect(text(1, begin: 1).chunks(of: 4).isEmpty)
    #expect(text(0, begin: nil).chunks(of: 4).isEmpty)
  }
}
