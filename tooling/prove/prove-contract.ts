import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { compareMethods } from "./contract/compare-methods.ts"
import { callOriginals } from "./contract/original-calls.ts"
import { raceForIdle } from "./contract/reuse-pairs.ts"
import { walkTranscript } from "./contract/walk-transcript.ts"
import { ProvedServer } from "./kill/proved-server.ts"
import type { ProofOptions } from "./prove.ts"

const PAIRS = { short: 8, full: 100 }
const MESSAGES = { short: 1000, full: 10_000 }
const APPENDED = { short: 100, full: 1000 }
/** What a page of a transcript may take when all is quiet, in milliseconds; judged in full only. */
const MOST_MS = 150

/** One contract: server, document and clients have the same operations, and those keep what was promised of them. */
export async function proveContract({ isFull, count, print }: ProofOptions): Promise<boolean> {
  const stateDir = realpathSync(mkdtempSync(join(tmpdir(), "prove-contract-")))
  const screenshots = { allowHosts: ["127.0.0.1"], sandbox: process.getuid?.() !== 0 }
  const rateLimit = { requestsPerKey: 1_000_000, requestsPerAddress: 1_000_000 }
  writeFileSync(join(stateDir, "aegis.config.json"), JSON.stringify({ screenshots, rateLimit }))
  const server = new ProvedServer(stateDir)
  const form = isFull ? "full" : "short"
  const problems: string[] = []
  try {
    await server.start()
    const { client, token } = server
    const { baseUrl } = client
    const folder = (name: string) => server.workFolder(name)
    const walk = { client, workDir: folder("walk"), messages: MESSAGES[form], appended: APPENDED[form] }
    const parts = [
      () => compareMethods({ baseUrl, token }),
      () => callOriginals({ client, token, folder }),
      () => raceForIdle({ client, pairs: count ?? PAIRS[form], folder }),
      () => walkTranscript({ ...walk, ...(isFull ? { mostMs: MOST_MS } : {}) }),
    ]
    for (const part of parts) {
      const result = await part()
      print(result.figures)
      problems.push(...result.problems)
    }
  } finally {
    await server.end("SIGTERM")
    rmSync(stateDir, { recursive: true, force: true })
  }
  for (const problem of problems.slice(0, 50)) print(`✗ ${problem}`)
  print(
    `${problems.length} problems: an operation that one has and another has not, an answer that is not as promised.`,
  )
  return problems.length === 0
}
