import { randomBytes } from "node:crypto"
import { lookup } from "node:dns"
import { Agent } from "node:http"
import { isIP, type LookupFunction } from "node:net"
import { RequestError, Server } from "proxy-chain"
import { isPublicAddress } from "./public-address.ts"

/** From here on a status is the proxy's own: it got no answer. */
export const NO_ANSWER = 590

export interface GuardedProxyOptions {
  /** Names and addresses, with or without a port, that may be asked for wherever they lead. */
  readonly allowHosts: readonly string[]
}

/**
 * The only way of a browser to the network: it leads to addresses of the open internet, and to what is allowed by name. Judged
 * is the address that is then connected to, so that neither a name that leads elsewhere the second time, nor a redirect, nor
 * what a page asks for gets around it.
 */
export class GuardedProxy {
  /** What was asked for and refused: host and port. */
  readonly refused = new Set<string>()
  readonly #server: Server
  // Its own: a connection that somebody else has open was not judged.
  readonly #agent = new Agent()
  readonly #username = "browser"
  readonly #password = randomBytes(18).toString("base64url")

  private constructor({ allowHosts }: GuardedProxyOptions) {
    // An IPv6 address is judged without its brackets.
    const allowed = new Set(allowHosts.map((host) => host.replace(/[[\]]/g, "")))
    this.#server = new Server({
      host: "127.0.0.1",
      port: 0,
      prepareRequestFunction: ({ hostname, port, username, password }) => {
        // Nobody else on this machine goes out by it.
        if (username !== this.#username || password !== this.#password) return { requestAuthentication: true }
        const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase()
        const httpAgent = this.#agent
        if (allowed.has(host) || allowed.has(`${host}:${port}`))
          return { httpAgent, dnsLookup: lookupFor() as typeof lookup }
        const refuse = () => {
          this.refused.add(`${host}:${port}`)
          return new RequestError(`${host} is not an address of the open internet.`, 403)
        }
        if (isIP(host) !== 0) {
          if (!isPublicAddress(host)) throw refuse()
          return { httpAgent }
        }
        return { httpAgent, dnsLookup: lookupFor(refuse) as typeof lookup }
      },
    })
    // A target that is refused or gone is the page's trouble.
    this.#server.on("requestFailed", () => undefined)
    this.#server.on("error", () => undefined)
  }

  static async open(options: GuardedProxyOptions) {
    const proxy = new GuardedProxy(options)
    await proxy.#server.listen()
    return proxy
  }

  /** As a browser is told of it. */
  get settings() {
    return { server: `http://127.0.0.1:${this.#server.port}`, username: this.#username, password: this.#password }
  }

  async close() {
    await this.#server.close(true)
  }
}

/** Asks where a name leads; `refuse`: and refuses what is not of the open internet. */
function lookupFor(refuse?: () => Error): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses = []) => {
      const [first] = addresses
      const isFit = !refuse || addresses.every(({ address }) => isPublicAddress(address))
      // Without its code: the proxy makes a page of its own of a name that is not there.
      if (error || !first) callback(new Error(`There is no ${hostname}.`), "")
      else if (!isFit) callback(refuse(), "")
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
