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
  let said: string | undefined
  for await (const page of server.server.aegis.tail({ sessionId: id, after: 0 }))
    for (const { event } of page.filter((entry) => "turnId" in entry.event && entry.event.turnId === turnId)) {
      if (event.type === "approval.resolved") said ??= `${event.data.status} ${event.data.rule}`
      if (event.type === "turn.ended") return said
      // Of one that waits, the log has no decision in the same append.
      if (event.type !== "approval.requested") continue
      if ((await server.call("GET", `/v1/sessions/${id}`)).body.status !== "permission_prompt") continue
      said = "open"
      const { status, body } = await server.call("POST", `/v1/sessions/${id}/${answer.action}`, answer.body ?? {})
      if (status !== 200) throw new Error(JSON.stringify(body))
    }
  throw new Error("The log ended.")
}
