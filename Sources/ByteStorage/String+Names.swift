/// Looks into names by their bytes, as is needed where there are tens of thousands.
extension String {
  /// Whether a text stands in this one, byte for byte.
  package func holds(_ part: String) -> Bool {
    let text = rawBytes
    let sought = part.rawBytes
    guard sought.byteCount > 0 else { return true }
    guard text.byteCount >= sought.byteCount else { return false }
    for start in 0...text.byteCount - sought.byteCount where text[start] == sought[0] {
      var length = 1
      while length < sought.byteCount, text[start + length] == sought[length] { length += 1 }
      if length == sought.byteCount { return true }
    }
    return false
  }

  /// Whether any of its characters is a control character (Unicode's category Cc).
  package var holdsControls: Bool {
    utf8.contains { $0 < 0x20 || $0 == 0x7F }
      || utf8.contains { $0 >= 0x80 } && unicodeScalars.contains { $0.properties.generalCategory == .control }
  }
}
