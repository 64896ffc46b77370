extension BuiltinPrompts {
  /// A dozen short prompts of the three kinds that papers on speculative decoding measure, in turn: chat, code and arithmetic.
  public static var texts: [VerificationRequest.Prompt] {
    [
      ("chat 1", "Tell me a short story about a fox who finds a lantern in the snow."),
      ("code 1", "Write a Python function that returns the largest of the values in a list, without using max."),
      ("arithmetic 1", "The owl has 12 coins and finds 7 more. Then it gives away 5. How many coins does the owl have now?"),
      ("chat 2", "Explain to a child why the sky is blue in the day and red in the evening."),
      ("code 2", "Write a function in C that reverses a string in place."),
      ("arithmetic 2", "A baker makes 24 rolls an hour for 6 hours and sells 130 of them. How many rolls are left?"),
      ("chat 3", "I am visiting a friend who does not eat meat. What could I cook for the two of us?"),
      ("code 3", "def count_words(text):\n    \"\"\"Return how often each word occurs in the text, as a dictionary.\"\"\"\n"),
      (
        "arithmetic 3",
        "Mara reads 15 pages on Monday and twice as many on each of the next two days. How many pages has she read?"
      ),
      ("chat 4", "Write a polite letter that asks a neighbour to water my plants while I am away."),
      ("code 4", "Explain what this SQL query returns: SELECT city, COUNT(*) FROM guests GROUP BY city HAVING COUNT(*) > 3;"),
      ("arithmetic 4", "A train travels 180 kilometres in 2 hours. At the same speed, how far does it travel in 5 hours?"),
    ].map { VerificationRequest.Prompt(name: $0, turns: [$1]) }
  }
}
