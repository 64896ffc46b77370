// Opens a bundle, lists its tensors, and decodes 16 tokens, plainly and speculatively:
//
//   swift run -c release --package-path scripts/examples decode pair.griffin "Once upon a time"

import Bundles
import ByteStorage
import LinearAlgebra
import SpeculativeDecoding
import Tensors
import Tokenization

guard CommandLine.arguments.count == 3 else { fatalError("usage: decode BUNDLE PROMPT") }
let (path, prompt) = (CommandLine.arguments[1], CommandLine.arguments[2])

do {
  // Nothing but header and manifest is read; weights stay in the file, mapped.
  let bundle = try ModelBundle.open(path: path)
  print("\(path): \(bundle.tensors.count) tensors, digest \(bundle.digest.hexadecimal)")
  for tensor in bundle.tensors.prefix(5) { print("  \(tensor.name)  \(tensor.type)  \(tensor.shape)") }

  guard let target = try bundle.targetModel() else { fatalError("the bundle holds a draft alone") }
  let text = try bundle.textFiles()
  let encoder = try text.encoder(PromptFormat.Request())
  let decoder = try PairDecoder(target: target, draft: bundle.draftModel(), compute: Compute(threads: Workers.processorCount))

  var settings = DecodeSettings()
  settings.maxNewTokens = 16
  settings.stopTokens = target.configuration.stopTokens
  try decoder.prepare(prompt: encoder.encode(prompt))
  let plain = try decoder.decodePlainly(settings)
  print("plain        \(encoder.tokenizer.decode(plain.ids))")
  if decoder.canSpeculate {
    let speculative = try decoder.decodeSpeculatively(settings)
    print("speculative  \(encoder.tokenizer.decode(speculative.ids))")
    print("the same ids: \(speculative.ids == plain.ids), in \(speculative.cycles.count) passes of the target instead of \(plain.ids.count)")
  }
} catch {
  print("error: \(error)")
}
