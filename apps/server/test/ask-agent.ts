import { script, type useServer } from "./server-harness.ts"

type Server = Awaited<ReturnType<ReturnType<typeof useServer>["start"]>>

/**
 * Has a session's agent ask for something, and says what became of it: the outcome and the rule that decided, or `open` where
 * a person was asked, who has said that then.
 */
export async function askAgent(
  server: Server,
  id: string,
  step: string,
  answer: { readonly action: "approve" | "reject"; readonly body?: object } = { action: "reject" },
) {
  const { turnId } = (await server.call("POST", `/v1/sessions/${id}/send`, { text: script(step) })).body
  for await (const page of server.server.aegis.tail({ sessionId: id, after: 0 }))
    for (const { event } of page) {
      if (event.type === "approval.resolved" && event.turnId === turnId)
        return `${event.data.status} ${event.data.rule}`
      // Of one that waits, the log has no decision in the same append.
      if (event.type === "approval.requested" && event.turnId === turnId) {
        const isOpen = (await server.call("GET", `/v1/sessions/${id}`)).body.status === "permission_prompt"
        if (!isOpen) continue
        const { status, body } = await server.call("POST", `/v1/sessions/${id}/${answer.action}`, answer.body ?? {})
        if (status !== 200) throw new Error(JSON.stringify(body))
        await server.untilLogged(id, "turn.ended")
        return "open"
      }
    }
  throw new Error("The log ended.")
}
