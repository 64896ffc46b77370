package import Models
internal import Tokenization

/// Text that two targets are compared on where the user gives none: several genres, all in our own words.
///
/// A thousand words of each of two kinds say less than a few hundred of many, because models are worn unevenly by what is done to them.
package enum BuiltinTexts {
  package static let all: [String] = [story, explanation, code, dialogue, recipe, report, arithmetic, letter, instructions, history]

  /// All of them as a model's ids; none where there is no tokenizer, or one that has ids beyond the model's.
  package static func encoded(_ processing: TextProcessing, _ configuration: TransformerConfiguration) -> [[Int]] {
    guard processing.canEncode, let tokenizer = try? processing.encoder().tokenizer, let texts = try? all.map({ try tokenizer.encode($0) }) else { return [] }
    return texts.allSatisfy { $0.allSatisfy((0..<configuration.vocabularySize).contains) } ? texts : []
  }

  private static let story = """
    The lighthouse keeper had not seen a ship for eleven days when the boat came in, and it came in sideways. It was a small grey boat with \
    a patched sail, and nobody stood at the tiller. He put down his cup, took the long hook from the wall, and walked out along the rocks \
    as far as the tide allowed. The wind smelled of rain. He caught the rope at the third try and pulled until the bow scraped against the \
    stones, and then he saw why no one had answered his calls. In the bottom of the boat, wrapped in a blanket, lay a boy of about nine, \
    asleep, with a lantern between his arms. The lantern was still burning.

    He carried the boy up the stairs and laid him beside the stove. When the boy woke, he did not ask where he was. He asked whether the \
    light had gone out. "No," said the keeper. "You held on to it well." The boy nodded and slept again. In the evening the rain arrived, and \
    with it a fog so thick that the beam from the tower ended a few steps beyond the window. The keeper climbed up to turn the great lamp \
    by hand, as he had done for thirty years, and behind him he heard small feet on the iron steps. "My father says that a light is only \
    worth something if somebody counts on it," the boy said. "Then let us see who counts on ours," said the keeper, and together they \
    turned the lamp until morning. At dawn four ships lay in the bay, one behind the other, like beads on a string.
    """

  private static let explanation = """
    A lever is one of the oldest machines, and it is easy to understand once we stop thinking about strength and begin to think about \
    distance. Imagine a plank that rests on a stone. If you push one end down by a metre and the other end rises by only ten centimetres, \
    then the plank has traded distance for force: the weight at the short end may be ten times as large as your push. Nothing is won for \
    free. The work, which is force multiplied by distance, is the same on both sides, apart from a little that friction turns into heat. \
    The same bargain appears in many disguises. A screw is a ramp wound around a rod; a pulley shares a load among several ropes; the gears \
    of a bicycle let the rider choose between many easy turns and a few hard ones.

    Why, then, do we need energy at all, if force can be multiplied at will? Because a machine can change how work is delivered, but it \
    cannot create work. When water falls through a turbine, the energy was stored in its height. When a battery drives a motor, the energy \
    was stored in chemical bonds. In every case something runs down while something else is lifted, moved or heated, and the sum of all of \
    it stays the same. This is one of the few laws of nature to which no exception has ever been found, although many people have looked \
    for one, often with great patience and sometimes with other people's money.
    """

  private static let code = """
    from collections import deque


    class Graph:
        \"\"\"An undirected graph whose nodes are any hashable values.\"\"\"

        def __init__(self):
            self.neighbours = {}

        def connect(self, left, right):
            self.neighbours.setdefault(left, set()).add(right)
            self.neighbours.setdefault(right, set()).add(left)

        def shortest_path(self, start, goal):
            \"\"\"Return the nodes from start to goal, or None if there is no path.\"\"\"
            if start == goal:
                return [start]
            came_from = {start: None}
            queue = deque([start])
            while queue:
                node = queue.popleft()
                for neighbour in sorted(self.neighbours.get(node, ())):
                    if neighbour in came_from:
                        continue
                    came_from[neighbour] = node
                    if neighbour == goal:
                        path = [neighbour]
                        while came_from[path[-1]] is not None:
                            path.append(came_from[path[-1]])
                        return path[::-1]
                    queue.append(neighbour)
            return None


    def test_shortest_path():
        graph = Graph()
        for left, right in [("a", "b"), ("b", "c"), ("c", "d"), ("a", "e"), ("e", "d")]:
            graph.connect(left, right)
        assert graph.shortest_path("a", "d") == ["a", "e", "d"]
        assert graph.shortest_path("a", "a") == ["a"]
        assert graph.shortest_path("a", "z") is None
    """

  private static let dialogue = """
    Customer: Good morning. I bought this kettle from you on Friday, and it switches itself off before the water boils.
    Assistant: I am sorry to hear that. Does it switch off at about the same point every time?
    Customer: More or less. You can hear it getting loud, and then there is a click, and that is all.
    Assistant: That often means that there is scale on the sensor, but a kettle that is four days old should not have any. Did you fill it \
    above the mark inside?
    Customer: I do not think so. I only ever make two cups.
    Assistant: Then it may be the opposite. With very little water the plate underneath gets too hot, and the safety switch cuts in. Could you \
    try it with half a litre?
    Customer: I could, but I do not want to boil half a litre for two cups of tea. That is why I bought a small one.
    Assistant: I understand. In that case I suggest that we exchange it for the model next to it. It costs the same, and its lower mark is at \
    two hundred millilitres.
    Customer: That sounds fair. Do I need the box?
    Assistant: No, the receipt is enough. And if the new one does the same, please call us before you come all the way here again.
    """

  private static let recipe = """
    Potato and leek soup, for four people. You need 500 grams of potatoes, two large leeks, one onion, 40 grams of butter, one litre of \
    vegetable stock, 100 millilitres of cream, salt, pepper, and a little nutmeg.

    1. Peel the potatoes and cut them into cubes of about two centimetres. Wash the leeks thoroughly, because there is often sand between \
    the leaves, and slice them thinly. Chop the onion.
    2. Melt the butter in a large pot over a low heat. Add the onion and the leeks, and let them soften for ten minutes. They should not \
    turn brown.
    3. Add the potatoes and the stock. Bring everything to the boil, then cover the pot and let it simmer for twenty minutes, until the \
    potatoes fall apart when you press them with a spoon.
    4. Take the pot off the heat. Blend the soup until it is smooth; if you like some texture, set aside a cup of the vegetables first and \
    stir them in afterwards.
    5. Pour in the cream, season with salt, pepper and nutmeg, and warm the soup again without letting it boil.

    Serve it with toasted bread. The soup keeps for three days in the refrigerator, and it tastes better on the second day than on the first.
    """

  private static let report = """
    The city council voted on Tuesday evening to close the old stone bridge to cars from the beginning of May. Eleven members were in favour, \
    six against, and two abstained. Buses, bicycles and pedestrians may still cross, and emergency vehicles will be let through by a barrier \
    that opens automatically. According to the engineers who inspected the bridge last autumn, two of its five arches have moved by as much \
    as nine millimetres since 2011, and the heavy traffic of the morning hours is the most likely cause. Repairs are expected to cost 3.4 \
    million and to take at least two years.

    Shop owners on the eastern bank are worried. "Half of my customers come by car," said the owner of a bakery near the bridge, "and they \
    will not drive around the whole valley for a loaf of bread." The council has promised a free shuttle every fifteen minutes and 120 new \
    parking spaces beside the railway station. A group of residents, on the other hand, welcomed the decision. They had collected more than \
    four thousand signatures, and they hope that the bridge will stay closed to cars even after it has been repaired. The council intends to \
    decide about that in the spring of the year after next, once it has seen how the traffic has changed.
    """

  private static let arithmetic = """
    Question: A school orders 36 boxes of chalk. Each box holds 12 sticks, and a classroom uses 9 sticks a week. For how many weeks will the \
    chalk last if there are 8 classrooms?
    Answer: There are 36 * 12 = 432 sticks. The classrooms together use 8 * 9 = 72 sticks a week. 432 / 72 = 6, so the chalk lasts 6 weeks.

    Question: Two trains leave stations that are 330 kilometres apart at the same time and travel towards each other, one at 60 and the other \
    at 50 kilometres an hour. After how many hours do they meet, and how far has the slower one travelled by then?
    Answer: They approach each other at 60 + 50 = 110 kilometres an hour. 330 / 110 = 3, so they meet after 3 hours. The slower one has \
    travelled 3 * 50 = 150 kilometres.

    Question: A shirt costs 40 and is reduced by 15 percent. At the till there is another discount of 5 on every purchase above 30. What does \
    the customer pay?
    Answer: 15 percent of 40 is 6, so the shirt costs 34. That is above 30, so 5 is taken off, and the customer pays 29.

    Question: The sum of three consecutive whole numbers is 84. What are they?
    Answer: Let the middle number be n. Then (n - 1) + n + (n + 1) = 3n = 84, so n = 28. The numbers are 27, 28 and 29.
    """

  private static let letter = """
    Dear Ms Okafor,

    thank you for your letter of the 14th and for the drawings that came with it. My colleagues and I have looked at them with great \
    interest. The idea of moving the entrance to the garden side seems right to us: visitors would arrive through the part of the house \
    that is most worth seeing, and the street would be spared the delivery vans. We have two questions. The first concerns the staircase. \
    On sheet 3 it is 95 centimetres wide, while the regulations ask for 110 where more than fifty people may be in the building. The second \
    concerns the roof. Would it be possible to keep the old tiles on the north side, even if the insulation is then a little thinner there?

    If it suits you, we could meet at the house on the 2nd or on the 5th of next month, in the morning, when the light is best. Please let me \
    know which day you prefer. Until then I remain, with kind regards,

    Henrik Lund
    """

  private static let instructions = """
    ## Setting up the sensor

    Before you begin, make sure that the device is switched off and that the battery is at least half full. Remove the cover by turning it to \
    the left, and insert the memory card with the label facing up. Close the cover again; you should hear a click.

    - **Power on.** Hold the button for three seconds. The light turns blue, and after a moment it begins to blink.
    - **Connect.** Open the settings on your phone, choose *Wireless*, and select the network whose name begins with `sensor-`. The password \
    is printed on the back.
    - **Calibrate.** Put the sensor on a level surface and leave it there for one minute. Do not touch the table in the meantime.

    If the light turns red, the calibration has failed. The most common reasons are a surface that is not level, a temperature below 5 degrees, \
    and a card that is full. Run `sensorctl --status` to see which of them applies:

    | code | meaning | what to do |
    | --- | --- | --- |
    | 1 | not level | use another surface |
    | 2 | too cold | wait until the device has warmed up |
    | 4 | card full | copy the data and run `sensorctl --erase` |
    """

  private static let history = """
    For most of history a day did not have twenty-four equal hours. People divided the time between sunrise and sunset into twelve parts, and \
    the night into twelve others, so that an hour in summer was longer than an hour in winter. This was inconvenient for astronomers, who \
    preferred hours of the same length, but it suited farmers, monks and judges well enough. The change came with machines. A clock that is \
    driven by a weight and governed by a swinging bar cannot easily be made to run faster in July than in January, and so, when such clocks \
    appeared on the towers of European cities in the fourteenth century, the equal hour came with them. At first each city kept its own noon, \
    the moment when the sun stood highest. A traveller who rode a hundred kilometres to the west had to set his watch back by several minutes, \
    if he had one. Nobody minded until the railways came. A timetable makes sense only if all stations agree on the time, and within a few \
    decades the local noons were given up, first by the companies, then by the states. What had been a property of a place became a property \
    of a country, and in the end of a zone.
    """
}
