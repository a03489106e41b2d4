/** What the server has acknowledged, kept by who was answered: the truth that its log is held against. */
export interface Journal {
  readonly sessions: Set<string>
  /** By turn: the prompt, and what the agent says to it where nobody is killed. */
  readonly prompts: Map<string, { readonly sessionId: string; readonly expected: string }>
  readonly approvals: Set<string>
  readonly answers: Set<string>
  /** Turns that ran when the server was killed, and whose agent was not killed since. */
  readonly survivors: Map<string, { readonly sessionId: string }>
}

export function newJournal(): Journal {
  return {
    sessions: new Set(),
    prompts: new Map(),
    approvals: new Set(),
    answers: new Set(),
    survivors: new Map(),
  }
}

export function countOf({ sessions, prompts, approvals, answers }: Journal) {
  return sessions.size + prompts.size + approvals.size + answers.size
}
