import type { ClaimDriver, ReleaseDriver, TransferDriver } from "./command.ts"
import { type Driver, driverAt, isDriver } from "./driver.ts"
import { refuseEnded } from "./end-turns.ts"
import type { Recording } from "./recording.ts"
import { SessionError } from "./session-error.ts"
import { isEnded } from "./session-state.ts"

/**
 * Takes the driver's seat, or keeps it for longer: who knows the seat's number keeps it, who does not gets a new one, and what
 * is sent under the one before is refused from then on.
 */
export function claimDriver(recording: Recording, { ttlMs, fence }: ClaimDriver) {
  const { state } = recording
  const { at, actor } = recording.context
  if (isEnded(state)) return refuseEnded(state)
  const refusal = refuseOthers(recording, fence)
  if (refusal) return refusal
  const isKept = fence !== undefined
  const { kind, id } = actor
  seat(recording, { kind, id }, isKept ? fence : nextFence(recording), new Date(Date.parse(at) + ttlMs).toISOString())
  return undefined
}

/** Gives it back; fine where nobody has it. */
export function releaseDriver(recording: Recording, { fence, mayTakeAway }: ReleaseDriver) {
  const driver = seated(recording)
  const refusal = mayTakeAway && fence === undefined ? undefined : refuseOthers(recording, fence)
  if (refusal) return refusal
  if (driver) recording.record("driver.released", { fence: driver.fence })
  return undefined
}

/** Gives it to somebody else, under a new number. */
export function transferDriver(recording: Recording, { to, ttlMs, fence }: TransferDriver) {
  const { state } = recording
  if (isEnded(state)) return refuseEnded(state)
  const driver = seated(recording)
  if (!driver)
    return new SessionError("driver-absent", "Nobody drives the session: there is nothing to give. Claim it first.")
  const refusal = refuseOthers(recording, fence)
  if (refusal) return refusal
  const until =
    ttlMs === undefined ? driver.expiresAt : new Date(Date.parse(recording.context.at) + ttlMs).toISOString()
  seat(recording, to, nextFence(recording), until)
  return undefined
}

/** Why a prompt or an answer is refused: somebody else drives, or who sends it has driven under that number before. */
export function refuseOthers(recording: Recording, fence: number | undefined) {
  const { actor } = recording.context
  const driver = seated(recording)
  if (driver && !isDriver(driver, actor))
    return new SessionError(
      "driver-held",
      `${driver.kind} ${driver.id} drives the session until ${driver.expiresAt}: only who drives may send. Wait, or ask for it.`,
    )
  if (fence === undefined || fence === driver?.fence) return undefined
  const now = driver ? `it is ${driver.fence} now` : "nobody drives the session any more"
  return new SessionError("fence-stale", `The driver's seat had the number ${fence}, and ${now}: claim it again.`)
}

function seat(recording: Recording, { kind, id }: Pick<Driver, "kind" | "id">, fence: number, expiresAt: string) {
  recording.record("driver.claimed", { kind, id, fence, expiresAt })
}

function seated({ state, context }: Recording) {
  return driverAt(state, context.at)
}

function nextFence({ state }: Recording) {
  return (state.fence ?? 0) + 1
}
