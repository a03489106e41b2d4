import type { JudgedFact } from "./judged-fact.ts"

type Delta = Extract<JudgedFact, { type: "message.delta" }>

/** Text that arrived together and belongs together becomes one delta (spec/events.md, `message.delta`). */
export function joinDeltas(facts: readonly JudgedFact[]): readonly JudgedFact[] {
  const joined: JudgedFact[] = []
  let texts: string[] = []
  let current: Delta | undefined
  const flush = () => {
    if (current) joined.push({ ...current, text: texts.join("") })
    current = undefined
    texts = []
  }
  for (const fact of facts) {
    if (fact.type !== "message.delta" || !current || !isSameMessage(fact, current)) flush()
    if (fact.type === "message.delta") {
      current ??= fact
      texts.push(fact.text)
    } else joined.push(fact)
  }
  flush()
  return joined
}

function isSameMessage(left: Delta, right: Delta) {
  return left.role === right.role && left.messageId === right.messageId
}
