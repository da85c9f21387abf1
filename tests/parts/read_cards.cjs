// Reads Adaptive Cards with Microsoft's own parser, which is given as a file. Writes what is wrong with each, and each as the
// parser writes it again: what it does not know is lost then.
const { AdaptiveCard, SerializationContext, Versions } = require(process.argv[2]);
const cards = JSON.parse(require("fs").readFileSync(0, "utf8"));

function read(json) {
  const [card, context] = [new AdaptiveCard(), new SerializationContext(Versions.v1_4)];
  card.parse(json, context);
  const noticed = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index).message);
  const invalid = card.validateProperties().validationEvents.map((event) => event.message);
  return { faults: [...noticed, ...invalid], written: card.toJSON(new SerializationContext(Versions.v1_4)) };
}

process.stdout.write(JSON.stringify(cards.map(read)));
