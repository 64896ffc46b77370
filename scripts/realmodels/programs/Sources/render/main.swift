import ByteStorage
import Templates

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// A job a line, {"template", "variables", "date"}; answers with {"text"}, or {"kind", "message"} where there is none.
let limits = JSONLimits(bytes: 64 << 20, depth: 128, values: 4 << 20, stringBytes: 16 << 20)
while let line = readLine() {
  let answer: JSONValue
  do throws(GriffinError) {
    let job = try JSONValue.parse(line.rawBytes, limits: limits)
    let day = try job["date"]?.string.map { (text) throws(GriffinError) in try Day(text) }
    let template = try ChatTemplate(job["template"]?.string ?? "")
    answer = ["text": .string(try template.render(job["variables"]?.object ?? JSONObject(), day: day))]
  } catch {
    answer = ["kind": .string(error.kind.rawValue), "message": .string(error.message)]
  }
  print(answer.encoded())
  fflush(nil)
}
