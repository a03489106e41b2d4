/** A place among the agent processes that there may be at once. */
export interface ProcessSlot {
  readonly isGranted: boolean
  /** Gives it to whoever waits longest; twice is fine. */
  release(): void
}

interface Claim extends ProcessSlot {
  isGranted: boolean
  readonly onGranted: () => void
}

/** As many agent processes as there may be; who wants one more waits, first come, first served. */
export class ProcessSlots {
  readonly limit: number
  readonly #held = new Set<Claim>()
  readonly #waiting = new Set<Claim>()

  constructor(limit: number) {
    this.limit = limit
  }

  /** How many wait. */
  get wanted() {
    return this.#waiting.size
  }

  /** Of a process that lives already, whatever the limit says. */
  claim(): ProcessSlot {
    const claim = this.#newClaim(() => {})
    this.#grant(claim)
    return claim
  }

  /** Granted at once or later; then `onGranted` is called. */
  ask(onGranted: () => void): ProcessSlot {
    const claim = this.#newClaim(onGranted)
    this.#waiting.add(claim)
    this.#grantNext()
    return claim
  }

  #newClaim(onGranted: () => void): Claim {
    const claim: Claim = {
      isGranted: false,
      onGranted,
      release: () => {
        this.#waiting.delete(claim)
        if (this.#held.delete(claim)) this.#grantNext()
      },
    }
    return claim
  }

  #grantNext() {
    for (const claim of this.#waiting) {
      if (this.#held.size >= this.limit) return
      this.#waiting.delete(claim)
      this.#grant(claim)
      claim.onGranted()
    }
  }

  #grant(claim: Claim) {
    claim.isGranted = true
    this.#held.add(claim)
  }
}
