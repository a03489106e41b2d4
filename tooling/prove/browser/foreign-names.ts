/** A header's value as it stands on the wire; several: as often as there are; undefined: there is none. */
export type Sent = string | readonly string[] | undefined

export interface Served {
  readonly port: number
  /** By configuration, besides what is always served. */
  readonly hosts: readonly string[]
  readonly origins: readonly string[]
}

/** What the specification says of a request: it is let in, is for nobody here, or is from nobody that may. */
export type Verdict = "let in" | "not served" | "foreign"

/** Exact names with the port, and nothing that only looks like them (spec/threats.md, B2 and B3). */
export function expectedVerdict(
  {
    host,
    origin,
    site,
    isPage,
  }: { readonly host: Sent; readonly origin: Sent; readonly site: Sent; readonly isPage: boolean },
  { port, hosts, origins }: Served,
): Verdict {
  const own = ["localhost", "127.0.0.1", "[::1]"].map((name) => `${name}:${port}`)
  if (typeof host !== "string" || ![...own, ...hosts].includes(host)) return "not served"
  const mayCome = [...own.map((name) => `http://${name}`), ...origins]
  if (origin !== undefined && !(typeof origin === "string" && mayCome.includes(origin))) return "foreign"
  if (site === "cross-site") return "foreign"
  // Who does not say from where, and is from elsewhere on this machine; a link to a page may be anywhere.
  if (site === "same-site" && origin === undefined && !isPage) return "foreign"
  return "let in"
}

export function hostsOf(port: number): readonly Sent[] {
  const at = (...names: readonly string[]) => names.map((name) => `${name}:${port}`)
  return [
    ...at("localhost", "127.0.0.1", "[::1]"),
    ...at("evil.example.com", "127.0.0.1.nip.io", "localhost.evil.com", "evil-localhost", "xlocalhost", "localhostx"),
    ...at("LOCALHOST", "Localhost", "LOCALHOST.", "localhost.", "127.0.0.1.", "localhost.localdomain", "a.localhost"),
    ...at("0.0.0.0", "127.1", "127.0.1", "127.0.0.2", "127.0.0.01", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "0"),
    ...at("[::]", "::1", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::1%25lo]", "[::1]x", "ip6-localhost"),
    ...at("user@127.0.0.1", "127.0.0.1@evil.example", "127.0.0.1#", "127.0.0.1/", "127.0.0.1?", "http://127.0.0.1"),
    ...at("127.0.0.1,evil.example", "evil.example,127.0.0.1", "127.0.0.1 evil.example", "xn--lcalhost-8za", "*"),
    ...at(
      "169.254.169.254",
      "10.0.0.1",
      "kubernetes.docker.internal",
      "host.docker.internal",
      "aegis.example.org.evil",
    ),
    `127.0.0.1:0${port}`,
    `127.0.0.1:${port}0`,
    `127.0.0.1:${port}:${port}`,
    `127.0.0.1:+${port}`,
    "127.0.0.1",
    "127.0.0.1:",
    "127.0.0.1:1",
    "127.0.0.1:80",
    "localhost",
    "[::1]",
    `:${port}`,
    "",
    undefined,
    [`127.0.0.1:${port}`, `127.0.0.1:${port}`],
    [`evil.example:${port}`, `127.0.0.1:${port}`],
    [`127.0.0.1:${port}`, `evil.example:${port}`],
  ]
}

export function originsOf(port: number): readonly Sent[] {
  return [
    undefined,
    `http://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `http://[::1]:${port}`,
    "null",
    "",
    "http://localhost.evil",
    "http://localhost",
    "http://localhost:1",
    `http://127.0.0.1:${port}.evil`,
    `http://127.0.0.1:${port}/`,
    `https://127.0.0.1:${port}`,
    `HTTP://LOCALHOST:${port}`,
    `http://evil.example:${port}`,
    `http://a.localhost:${port}`,
    `http://127.0.0.1:${port}@evil.example`,
    "file://",
    "chrome-extension://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    `http://127.0.0.1:${port}, http://evil.example`,
    [`http://127.0.0.1:${port}`, "http://evil.example"],
    ["http://evil.example", `http://127.0.0.1:${port}`],
  ]
}

export const sites: readonly Sent[] = [undefined, "same-origin", "none", "same-site", "cross-site"]
