import type { AegisParts } from "./aegis-parts.ts"
import { SessionError } from "./session-error.ts"

/**
 * Rejects where a session may not work in its folder any more: an agent may have put a link there since the session was made,
 * and who configures may have closed the place.
 */
export async function refuseOtherFolder({ findWorkDir }: Pick<AegisParts, "findWorkDir">, workDir: string) {
  const found = await findWorkDir(workDir)
  if ("code" in found) throw new SessionError(found.code, found.reason)
  if (found.workDir === workDir) return
  const problem = `${workDir} leads to ${found.workDir} by now. Put the folder back, or begin a session there.`
  throw new SessionError("workdir-invalid", problem)
}
