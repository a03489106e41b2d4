import type { Aegis } from "./aegis.ts"
import { AegisCore } from "./aegis-core.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { CommandExecutor } from "./command-executor.ts"
import { Runner } from "./runner.ts"

/** Puts the parts together and goes on with what an earlier life left. */
export async function createAegis(parts: AegisParts): Promise<Aegis> {
  const executor = new CommandExecutor(parts)
  const runner = new Runner(parts, executor)
  await executor.merge()
  await runner.start()
  return new AegisCore(parts, executor, runner)
}
