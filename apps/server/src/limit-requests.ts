import type { Context, MiddlewareHandler } from "hono"
import { networkOf } from "./client-address.ts"
import type { Config } from "./config-schema.ts"
import { isLoopback } from "./is-loopback.ts"
import { RequestProblem } from "./problem-reply.ts"
import { type Allowance, RateLimit } from "./rate-limit.ts"
import type { Env } from "./request-env.ts"

/** How often is too often: of requests by address and by key, and of credentials that are none (spec/threats.md, A7). */
export class RequestLimits {
  readonly #perAddress: RateLimit
  readonly #perKey: RateLimit
  readonly #failures: RateLimit

  constructor({ requestsPerAddress, requestsPerKey, authFailures }: Config["rateLimit"]) {
    this.#perAddress = new RateLimit({ name: "address", quota: requestsPerAddress })
    this.#perKey = new RateLimit({ name: "key", quota: requestsPerKey })
    this.#failures = new RateLimit({ name: "auth-failures", quota: authFailures })
  }

  /** Before anything is looked at that costs more than this. */
  readonly byAddress: MiddlewareHandler<Env> = async (context, next) => {
    const { address } = context.env
    if (address !== undefined && !isMonitoring(context, address))
      this.#count(context, this.#perAddress, networkOf(address))
    await next()
  }

  byKey(context: Context<Env>, keyId: string) {
    this.#count(context, this.#perKey, keyId)
  }

  /** One more of what a single request asks for: it counts as if it had come by itself. */
  another(keyId: string) {
    const allowance = this.#perKey.take(keyId)
    if (!allowance.isWithin) refuse(this.#perKey, allowance)
  }

  /**
   * A credential that never was one. Good ones pass all the same, from the same address: nobody is locked out by somebody
   * else's guesses, and what is random enough is not found by guessing.
   */
  failedAuthentication(context: Context<Env>) {
    const { address } = context.env
    if (address === undefined) return
    const allowance = this.#failures.take(networkOf(address))
    if (!allowance.isWithin) refuse(this.#failures, allowance)
  }

  #count(context: Context<Env>, limit: RateLimit, who: string) {
    const allowance = limit.take(who)
    const { name, quota, windowMs } = limit
    // Both limits are told, each as a member of the list.
    context.header("RateLimit-Policy", `"${name}";q=${quota};w=${windowMs / 1000}`, { append: true })
    context.header("RateLimit", `"${name}";r=${allowance.remaining};t=${allowance.resetSeconds}`, { append: true })
    if (!allowance.isWithin) refuse(limit, allowance)
  }
}

function refuse({ name, quota }: RateLimit, { resetSeconds }: Allowance): never {
  const what = name === "auth-failures" ? "wrong credentials" : "requests"
  const whose = name === "key" ? "this credential" : "this address"
  throw new RequestProblem(
    "rate-limited",
    `More than ${quota} ${what} in a minute from ${whose}: wait ${resetSeconds} s.`,
    {
      retryAfterSeconds: resetSeconds,
    },
  )
}

// Whoever watches this server from this machine is not told that it is ill because it was asked often.
function isMonitoring(context: Context<Env>, address: string) {
  return context.req.path === "/v1/health" && isLoopback(address)
}
