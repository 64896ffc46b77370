extension Duration {
  /// As a number of seconds.
  package var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}

extension ContinuousClock.Instant {
  /// Seconds that have gone by since.
  package var secondsSince: Double { duration(to: .now).inSeconds }
}
