/** What the server has acknowledged, kept by who was answered: the truth that its log is held against. */
export interface Journal {
  readonly sessions: Set<string>
  /** By turn: the prompt, and what the agent says to it where nobody is killed. */
  readonly prompts: Map<string, { readonly sessionId: string; readonly expected: string }>
  readonly approvals: Set<string>
  readonly answers: Set<string>
  /** Where a session was said to stand after a write: the hash, by the number of its event. */
  readonly heads: Map<number, string>
  /** Turns that ran when the server was killed. */
  readonly survivors: Set<string>
  /** Runs whose agent or host was killed: their turns may be cut. */
  readonly doomed: Set<string>
}

export function newJournal(): Journal {
  return {
    sessions: new Set(),
    prompts: new Map(),
    approvals: new Set(),
    answers: new Set(),
    heads: new Map(),
    survivors: new Set(),
    doomed: new Set(),
  }
}

export function countOf({ sessions, prompts, approvals, answers, heads }: Journal) {
  return sessions.size + prompts.size + approvals.size + answers.size + heads.size
}

/** As it is now, for later. */
export function copyOf({ sessions, prompts, approvals, answers, heads, survivors, doomed }: Journal): Journal {
  return {
    sessions: new Set(sessions),
    prompts: new Map(prompts),
    approvals: new Set(approvals),
    answers: new Set(answers),
    heads: new Map(heads),
    survivors: new Set(survivors),
    doomed: new Set(doomed),
  }
}
