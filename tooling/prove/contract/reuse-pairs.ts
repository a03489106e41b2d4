import type { AegisClient, CreatedSession } from "@aegis/client"
import type { Compared } from "./compare-methods.ts"
import { untilEvents } from "./until-events.ts"

export interface ReusePairsOptions {
  readonly client: AegisClient
  readonly pairs: number
  /** A fresh folder of that name. */
  readonly folder: (name: string) => string
}

/** Two create a session in one folder with an idle one at the same moment: one has that, the other a new one. */
export async function raceForIdle({ client, pairs, folder }: ReusePairsOptions): Promise<Compared> {
  const problems: string[] = []
  const [reused, made] = [new Set<string>(), new Set<string>()]
  for (let pair = 0; pair < pairs; pair++) {
    const workDir = folder(`pair-${pair}`)
    const prompt = "#script\nsay Hello"
    const idle = await client.createSession({ workDir, agent: "demo", name: "one" })
    await untilEvents(client, idle.id, "session.ready")
    const both = await Promise.all(
      [0, 1].map(() => client.createSession({ workDir, agent: "demo", prompt, name: "one" })),
    )
    const [again, fresh] = split(both)
    if (again.length !== 1 || fresh.length !== 1 || again[0]?.id !== idle.id)
      problems.push(
        `pair ${pair}: ${both.map(({ id, reused: isReused }) => `${id} ${isReused ? "reused" : "new"}`).join(", ")}`,
      )
    for (const { id } of again) reused.add(id)
    for (const { id } of fresh) made.add(id)
    for (const { id } of both) await client.killSession(id)
  }
  const figures = `${pairs} pairs that create a session at the same moment where one is idle: ${reused.size} had it, ${made.size} a new one.`
  if (reused.size !== pairs || made.size !== pairs) problems.push(`a session was given twice: ${figures}`)
  return { problems, figures }
}

function split(both: readonly CreatedSession[]) {
  return [both.filter(({ reused }) => reused), both.filter(({ reused }) => !reused)] as const
}
