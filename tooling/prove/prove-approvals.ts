import { ApprovalSequence } from "./approvals/approval-sequence.ts"
import { ChangingFiles } from "./approvals/changing-files.ts"
import type { ProofOptions } from "./prove.ts"
import { Random } from "./random.ts"

const SEQUENCES = { short: 3000, full: 100_000 }
const ROUNDS = { short: 12, full: 300 }

/** What runs was approved, as it was shown, by whom it takes: on the core's rules, and by an agent whose files change. */
export async function proveApprovals({ isFull, seed, count, print }: ProofOptions): Promise<boolean> {
  const problems: string[] = []
  const sequences = count ?? (isFull ? SEQUENCES.full : SEQUENCES.short)
  let [executions, votes] = [0, 0]
  for (let done = 0; done < sequences; done++) {
    // Each comes again by itself: --seed with its number, --count 1.
    const sequence = new ApprovalSequence(new Random(seed + done))
    const found = sequence.run()
    executions += sequence.judge.executions
    votes += sequence.votes
    if (found.length > 0) problems.push(`${found[0]} (--seed ${seed + done} --count 1)`)
    if (isFull && done % 20_000 === 19_999) print(`… ${done + 1} of ${sequences} sequences`)
  }
  const files = new ChangingFiles(new Random(seed))
  const rounds = count === undefined ? (isFull ? ROUNDS.full : ROUNDS.short) : 0
  try {
    for (let done = 0; done < rounds; done++) {
      await files.round()
      if (isFull && done % 50 === 49) print(`… ${done + 1} of ${rounds} rounds with real files`)
    }
  } finally {
    await files.close()
  }
  problems.push(...files.problems)
  for (const problem of problems.slice(0, 20)) print(`✗ ${problem}`)
  print(
    [
      `${sequences} sequences of 40 steps (seed ${seed}): ${votes} votes, ${executions} calls that ran.`,
      ...(rounds > 0 ? [files.figures()] : []),
      `${problems.length} problems: what ran without the approvals that it takes, a decision made twice or told in two ways, a yes for what was something else by then.`,
    ].join("\n"),
  )
  return problems.length === 0
}
