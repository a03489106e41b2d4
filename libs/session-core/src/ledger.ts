import type { Spending, Standing } from "@aegis/policy"
import type { SessionEvent, SystemEvent, SystemEventData } from "./events.ts"
import { addSpending, NOTHING } from "./spending.ts"

/** What was spent on each account: those of one session, or those that all share. Survives JSON. */
export type Ledger = Readonly<Record<string, LedgerAccount>>

export interface LedgerAccount {
  /** The beginning of the window that this is about. */
  readonly window?: string
  readonly spent: Spending
  readonly granted: Spending
  /** What is kept for each turn that runs. */
  readonly reserved: Readonly<Record<string, Spending>>
}

/** An account by its name, as events have it: what reaches beyond its session is kept for all of them. */
export interface AccountName {
  readonly account: string
  readonly isShared: boolean
  readonly window?: string | undefined
}

/** Where an account stands for the turn: what is kept for itself does not count against it. */
export function standingOf(ledger: Ledger, id: string, window: string | undefined, turnId?: string): Standing {
  const { spent, granted, reserved } = inWindow(ledger[id], window)
  const others = Object.entries(reserved).filter(([name]) => name !== turnId)
  return { spent, granted, reserved: others.reduce((sum, [, kept]) => addSpending(sum, kept), NOTHING) }
}

/** A session's own accounts after one of its events. The same object means unchanged. */
export function evolveLedger(ledger: Ledger, event: SessionEvent): Ledger {
  switch (event.type) {
    case "budget.reserved":
      return event.data.accounts.filter(isOwn).reduce((all, entry) => reserve(all, entry, event.data.turnId), ledger)
    case "budget.settled":
      return event.data.accounts.filter(isOwn).reduce((all, entry) => settle(all, entry, event.data), ledger)
    case "budget.extended":
      return event.data.isShared ? ledger : extend(ledger, event.data)
    default:
      return ledger
  }
}

/** The shared accounts after one of the system's events. */
export function evolveShared(ledger: Ledger, event: SharedEvent): Ledger {
  if (event.type === "ledger.reserved") return reserve(ledger, event.data, event.data.turnId)
  return event.type === "ledger.settled" ? settle(ledger, event.data, event.data) : extend(ledger, event.data)
}

export type SharedEvent = Extract<SystemEvent, { readonly type: `ledger.${string}` }>

/** What a session's event says of shared accounts, for the stream that all sessions share. */
export function toShared(event: SessionEvent, tenantId: string): readonly SharedEvent[] {
  const { at, actor, sessionId } = event
  const whose = { sessionId, tenantId }
  switch (event.type) {
    case "budget.reserved": {
      const { turnId, accounts } = event.data
      return accounts.filter(isShared).map(({ isShared: _, ...entry }) => {
        const data: SystemEventData<"ledger.reserved"> = { ...whose, turnId, ...entry }
        return { type: "ledger.reserved", at, actor, data }
      })
    }
    case "budget.settled": {
      const { turnId, cost, tokens, accounts } = event.data
      return accounts.filter(isShared).map(({ isShared: _, ...entry }) => {
        const data: SystemEventData<"ledger.settled"> = { ...whose, turnId, cost, tokens, ...entry }
        return { type: "ledger.settled", at, actor, data }
      })
    }
    case "budget.extended": {
      const { isShared: shared, ...data } = event.data
      return shared ? [{ type: "ledger.extended", at, actor, data: { ...whose, ...data } }] : []
    }
    default:
      return []
  }
}

function isShared(entry: Pick<AccountName, "isShared">) {
  return entry.isShared
}

function isOwn(entry: Pick<AccountName, "isShared">) {
  return !entry.isShared
}

type Entry = Omit<AccountName, "isShared">

function reserve(ledger: Ledger, { account, window, cost, tokens }: Entry & Spending, turnId: string): Ledger {
  const now = inWindow(ledger[account], window)
  return { ...ledger, [account]: { ...now, reserved: { ...now.reserved, [turnId]: { cost, tokens } } } }
}

// What becomes known when a window is over counts in the one that it becomes known in.
function settle(
  ledger: Ledger,
  { account, window }: Entry,
  { turnId, cost, tokens }: Spending & { readonly turnId: string },
): Ledger {
  const now = inWindow(ledger[account], window)
  const { [turnId]: _kept, ...reserved } = now.reserved
  return { ...ledger, [account]: { ...now, spent: addSpending(now.spent, { cost, tokens }), reserved } }
}

function extend(ledger: Ledger, { account, window, cost, tokens }: Entry & Spending): Ledger {
  const now = inWindow(ledger[account], window)
  return { ...ledger, [account]: { ...now, granted: addSpending(now.granted, { cost, tokens }) } }
}

// A new window begins with nothing spent; what runs goes on. None comes back: clocks do, and turns end late.
function inWindow(account: LedgerAccount | undefined, window: string | undefined): LedgerAccount {
  if (account && (account.window ?? "") >= (window ?? "")) return account
  const reserved = account?.reserved ?? {}
  return { ...(window === undefined ? {} : { window }), spent: NOTHING, granted: NOTHING, reserved }
}
