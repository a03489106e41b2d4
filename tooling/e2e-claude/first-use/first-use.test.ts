import { expect, it } from "vitest"
import { played, RealAgent } from "../real-agent.ts"

// Fetches 400 MB: run by `pnpm e2e:claude`, and by no other command.

/** 400 MB from a registry. */
const FIRST_USE_MS = 180_000

it(
  "first use: installed into an empty data directory, whole, and then it answers",
  async () => {
    const fresh = await RealAgent.start({ env: { AEGIS_AGENTS_AUTO_INSTALL: "true" } })
    try {
      const session = await fresh.session(played("say Freshly installed."))
      const { data } = await session.until("turn.ended", FIRST_USE_MS)
      expect([data.stopReason, session.said()]).toEqual(["end_turn", "Freshly installed."])
      const started = session.events.find(({ type }) => type === "agent.started")?.data as { readonly args: string[] }
      expect(started.args[0]).toContain(fresh.root)
      expect((await fresh.client.listAgents()).items.find(({ name }) => name === "claude")).toMatchObject({
        installed: true,
        version: "0.101.0",
      })
    } finally {
      expect(await fresh.close()).toEqual([])
    }
  },
  2 * FIRST_USE_MS,
)
