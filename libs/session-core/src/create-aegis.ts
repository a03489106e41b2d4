import type { Aegis } from "./aegis.ts"
import { AegisCore } from "./aegis-core.ts"
import type { AegisParts } from "./aegis-parts.ts"
import { CommandExecutor } from "./command-executor.ts"
import { PolicyBook } from "./policy-book.ts"
import { PolicyReader } from "./policy-reader.ts"
import { Runner } from "./runner.ts"

/** Puts the parts together and goes on with what an earlier life left. */
export async function createAegis(parts: AegisParts): Promise<Aegis> {
  const reader = new PolicyReader(parts.log)
  const executor = new CommandExecutor(parts, reader)
  const runner = new Runner(parts, executor)
  const policies = new PolicyBook(parts, { executor, reader, renew: () => runner.renew() })
  await executor.merge()
  // Before anything that agents ask for is judged.
  await policies.adoptConfigured()
  await runner.start()
  const core = new AegisCore(parts, { executor, runner, policies })
  await core.startWork()
  return core
}
