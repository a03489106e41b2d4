import { Random } from "../random.ts"

/** Who is shown something. */
export interface Viewer {
  /** Undefined: whoever has no credential, and whoever reads the log's lines. */
  readonly tenantId?: string | undefined
  /** Whether keys are their business. */
  readonly seesKeys?: boolean
}

/** A secret that was put somewhere, to be looked for everywhere else. */
export interface Canary {
  readonly id: number
  /** As somebody would write it down: in one of the forms that secrets have. */
  readonly text: string
  /** Where it was put. */
  readonly place: string
  /** Of those who may read that place. Absent: nobody is ever shown it. */
  readonly tenantId?: string | undefined
  /** It stands in a key's terms. */
  readonly isOfKey?: boolean | undefined
}

export type CanaryPlace = Pick<Canary, "place" | "tenantId" | "isOfKey">

// In each secret, so that one look finds them all. Its codings have no character that differs between their spellings.
const MARK = "Cq7ZkWren"
const DIGITS = 8
const LONGEST = 200

/** Secrets of 40 shapes, and where each may be seen (spec/threats.md, G8). */
export class Canaries {
  readonly #random: Random
  readonly #made: Canary[] = []

  constructor(seed: number) {
    this.#random = new Random(seed)
  }

  get count() {
    return this.#made.length
  }

  /** The next one, of the next shape; when there was one of each, of the next coding. */
  make(place: CanaryPlace): Canary {
    const id = this.#made.length
    const core = `${MARK}${String(id).padStart(DIGITS, "0")}${this.#letters(15)}`
    const shape = shapes[id % shapes.length] ?? String
    const code = codings[Math.floor(id / shapes.length) % codings.length] ?? String
    const [text, coded] = [shape(core), code(shape(core))]
    // Names have no room for more; and what is coded twice is not recognised here.
    const isSeen = coded.length <= LONGEST && coded.search(anyMark) >= 0
    const canary = { id, text: isSeen ? coded : text, ...place }
    this.#made.push(canary)
    return canary
  }

  /** Those in the text that the viewer may not see, plain or coded. */
  findIn(text: string, viewer: Viewer = {}): readonly Canary[] {
    const found = text.matchAll(anyMark)
    return [...new Set([...found].map((match) => this.#at(text, match)))].filter((canary) => !maySee(viewer, canary))
  }

  #at(text: string, { index, 0: mark }: RegExpExecArray): Canary {
    const id = numberAfter(text.slice(index, index + 400), { mark, before: text.slice(Math.max(0, index - 3), index) })
    return this.#made[id] ?? { id, text: text.slice(index, index + 60), place: "somewhere" }
  }

  #letters(count: number) {
    const letters = "ABCDEFGHJKMNPQRSTVWXYZabcdefghjkmnpqrstvwxyz23456789"
    return Array.from({ length: count }, () => letters[this.#random.between(0, letters.length - 1)]).join("")
  }
}

function maySee({ tenantId, seesKeys = false }: Viewer, canary: Canary) {
  return canary.tenantId !== undefined && canary.tenantId === tenantId && (canary.isOfKey !== true || seesKeys)
}

const hexOf = (text: string) => Buffer.from(text).toString("hex")
const percentOf = (text: string) => hexOf(text).replaceAll(/../g, "%$&")

const codings: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => Buffer.from(text).toString("base64"),
  hexOf,
  percentOf,
]

/** Base64 of the mark at each of the three places where it can begin: what the neighbours do not change. */
const base64Marks = [0, 1, 2].map((before) => {
  const skipped = Math.ceil((before * 8) / 6)
  const whole = Math.floor(((before + MARK.length) * 8) / 6)
  return Buffer.from("\0".repeat(before) + MARK)
    .toString("base64")
    .slice(skipped, whole)
})
const anyMark = new RegExp(
  [MARK, hexOf(MARK), percentOf(MARK), ...base64Marks].map((mark) => `(?:${mark})`).join("|"),
  // Codings of letters are letters: whoever changes their case has still written it down.
  "gi",
)

/** Which one it is, whatever it is coded as; -1 where that cannot be told any more. */
function numberAfter(text: string, { mark, before: lead }: { readonly mark: string; readonly before: string }) {
  const plain = [
    () => text,
    () => Buffer.from(/^[0-9a-f]*/i.exec(text)?.[0] ?? "", "hex").toString("latin1"),
    () => Buffer.from((/^(?:%[0-9a-f]{2})*/i.exec(text)?.[0] ?? "").replaceAll("%", ""), "hex").toString("latin1"),
    ...base64Marks.map((_, before) => () => {
      // The mark's first letter may have bits in what stands before it.
      const missing = Math.ceil((before * 8) / 6)
      return Buffer.from(lead.slice(lead.length - missing) + text, "base64")
        .toString("latin1")
        .slice(before)
    }),
  ]
  const known = new RegExp(`^${MARK}(\\d{${DIGITS}})`, "i")
  for (const decode of plain) {
    const [, id] = known.exec(decode()) ?? []
    if (id !== undefined) return Number(id)
  }
  return mark.length === 0 ? 0 : -1
}

/** How secrets look. */
const shapes: readonly ((core: string) => string)[] = [
  (core) => core,
  (core) => `AKIA${core}`,
  (core) => `aws_secret_access_key = ${core}`,
  (core) => `ghp_${core}`,
  (core) => `github_pat_11A_${core}`,
  (core) => `glpat-${core}`,
  (core) => `xoxb-123456-${core}`,
  (core) => `xapp-1-A1-${core}`,
  (core) => `sk-ant-api03-${core}`,
  (core) => `sk-proj-${core}`,
  (core) => `sk_live_${core}`,
  (core) => `rk_test_${core}`,
  (core) => `whsec_${Buffer.from(core).toString("base64")}`,
  (core) => `npm_${core}`,
  (core) => `pypi-AgEI${core}`,
  (core) => `hf_${core}`,
  (core) => `AIza${core}`,
  (core) => `ya29.${core}`,
  (core) => `SG.${core}.x`,
  (core) => `123456789:AA${core}`,
  (core) => `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(`{"k":"${core}"}`).toString("base64url")}.c2ln`,
  (core) => `Bearer ${core}`,
  (core) => `Basic ${Buffer.from(`admin:${core}`).toString("base64")}`,
  (core) => `Authorization: Token ${core}`,
  (core) => `Cookie: session=${core}; Path=/`,
  (core) => `https://user:${core}@example.invalid/x`,
  (core) => `postgres://app:${core}@127.0.0.1:1/db?sslmode=require`,
  (core) => `redis://:${core}@127.0.0.1:1/0`,
  (core) => `https://hooks.example.invalid/services/T0/B0/${core}`,
  (core) => `Server=db;User Id=sa;Password=${core};`,
  (core) => `PASSWORD=${core}`,
  (core) => `export API_TOKEN='${core}'`,
  (core) => `password: "${core}"`,
  (core) => `{"client_secret":"${core}"}`,
  (core) => `<password>${core}</password>`,
  (core) => `machine example.invalid login me password ${core}`,
  (core) => `-----BEGIN PRIVATE KEY----- ${core} -----END PRIVATE KEY-----`,
  (core) => `AGE-SECRET-KEY-1${core}`,
  (core) => hexOf(core),
  (core) => `?access_token=${encodeURIComponent(`${core}==`)}`,
]

/** How many forms there are. */
export const SHAPES = shapes.length
