// What watching a pair costs: the passes of a calibration over parts of 512 drawn tokens, watched and not, in turn.
//   calibrate THREADS ROUNDS TARGET [DRAFT]      prints one JSON object of medians in seconds
import Calibration
import Conversion
import LinearAlgebra
import SpeculativeDecoding

let arguments = Array(CommandLine.arguments[1...])
guard arguments.count >= 3, let threads = Int(arguments[0]), let rounds = Int(arguments[1]), rounds > 0 else {
  fatalError("usage: calibrate THREADS ROUNDS TARGET [DRAFT]")
}
let pair = try ModelSource.pair(path: arguments[2], draft: arguments.count > 3 ? arguments[3] : nil)
let compute = Compute(threads: threads)
let plain = try PairDecoder(target: pair.target, draft: pair.draft, compute: compute)
let collector = try ActivationCollector(target: pair.target, draft: pair.draft, compute: compute)
var settings = DecodeSettings()
if let draft = pair.draft { settings.depth = draft.kind.defaultDepth }

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let spent = start.duration(to: .now).components
  return Double(spent.seconds) + Double(spent.attoseconds) * 1e-18
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

var (target, draft, watched): ([Double], [Double], [Double]) = ([], [], [])
let texts = DrawnPrompts.draw(
  count: rounds, length: 512, vocabularySize: pair.target.configuration.vocabularySize, beginToken: nil)
for text in texts {
  target.append(try seconds { try plain.rehearseTarget(text) })
  if pair.draft != nil {
    draft.append(try seconds { try plain.rehearseDraft(text, treeEvery: ActivationCollector.treeStride, settings: settings) })
  }
  watched.append(try seconds { try collector.add(text) })
}
let drafting = draft.isEmpty ? 0 : median(draft)
print("{\"target\": \(median(target)), \"draft\": \(drafting), \"watched\": \(median(watched))}")
