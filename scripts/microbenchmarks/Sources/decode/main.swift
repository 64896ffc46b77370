import ByteStorage
import LinearAlgebra
import Models
import SpeculativeDecoding
import Tensors

/// Times one token through 7B-shaped layers against a streaming read of the same bytes, alternating.
func argument(_ name: String, default value: Int) -> Int {
  let arguments = CommandLine.arguments
  guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return value }
  return Int(arguments[index + 1]) ?? value
}

let layers = argument("--layers", default: 4)
let threads = argument("--threads", default: Workers.processorCount)
let runs = argument("--runs", default: 9)

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  let elapsed = (ContinuousClock.now - start).components
  return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

print("7B shape, \(layers) layers, \(threads) threads, \(InstructionSet.best), medians of \(runs) alternating runs")
for type in [ElementType.f16, .q8_0] {
  let source = try LayerSource(layers: layers, type: type)
  let config: JSONObject = [
    "model_type": "llama", "hidden_size": .integer(LayerSource.hidden), "intermediate_size": .integer(LayerSource.wide),
    "num_hidden_layers": .integer(layers), "num_attention_heads": 32, "num_key_value_heads": 32, "rms_norm_eps": 1e-5,
    "vocab_size": .integer(LayerSource.vocabulary),
  ]
  let model = try TargetModel.recognise(source, config: ConfigDocument(.object(config), file: nil))
  let decoder = try TargetDecoder(model, compute: Compute(threads: threads))
  var features = Activations(columns: LayerSource.hidden)
  var (reading, decoding): ([Double], [Double]) = ([], [])
  var checksum: UInt64 = 0
  for run in 0..<runs + 2 {
    let read = try seconds { checksum ^= try StreamingRead.run(source, threads: threads) }
    decoder.truncate(to: 0)
    let decoded = try seconds { try decoder.decode([run % LayerSource.vocabulary], features: &features) }
    if run >= 2 {
      reading.append(read)
      decoding.append(decoded)
    }
  }
  let bytes = Double(source.layerByteCount) / 1e9
  let ratios = zip(reading, decoding).map { 100 * $0 / $1 }
  print(
    "\(type): read \(rounded(bytes / median(reading))) GB/s, decode \(rounded(bytes / median(decoding))) GB/s: "
      + "\(rounded(median(ratios))) % of the streaming-read rate (\(rounded(ratios.min() ?? 0)) to \(rounded(ratios.max() ?? 0)))"
      + (checksum == 1 ? "." : ""))
}
