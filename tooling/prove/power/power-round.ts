import { existsSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { checkDatabase } from "../disk/check-database.ts"
import { freeze, thaw } from "../disk/freeze.ts"
import { LoopDisk } from "../disk/loop-disk.ts"
import { findLosses } from "../kill/find-problems.ts"
import { copyOf, countOf, newJournal } from "../kill/journal.ts"
import { Observer } from "../kill/observer.ts"
import { ProvedServer, type ProvedServerOptions } from "../kill/proved-server.ts"
import { User } from "../kill/user.ts"
import { writeOn } from "../kill/writer.ts"
import type { Random } from "../random.ts"

const MEGABYTES = 64
const USERS = 2
const WRITERS = 2
/** At most so many events from one cut to the next. */
const APART = 200

export interface ImageResult {
  /** What was acknowledged and what was read when the machine was cut off. */
  readonly acknowledged: number
  readonly seen: number
  /** Until the server answered that found the disk so. */
  readonly startMs: number
  readonly problems: readonly string[]
}

export interface PowerRoundOptions extends ProvedServerOptions {
  /** For the disks; empty. */
  readonly folder: string
  readonly random: Random
}

/** A server on a disk of its own, under load, and what is found when that disk is all that is left of a moment. */
export class PowerRound {
  readonly #options: PowerRoundOptions
  readonly #disk: LoopDisk
  readonly #server: ProvedServer
  readonly #observer = new Observer()
  readonly #journal = newJournal()
  readonly #over = new AbortController()
  #working: Promise<unknown> = Promise.resolve()
  #copy: { readonly disk: LoopDisk; readonly server: ProvedServer } | undefined

  constructor(options: PowerRoundOptions) {
    const { folder, preload } = options
    this.#options = options
    this.#disk = LoopDisk.make(join(folder, "image"), { folder: join(folder, "disk"), megabytes: MEGABYTES })
    this.#server = serverOn(this.#disk, preload === undefined ? {} : { preload })
  }

  async start() {
    await this.#server.start()
    this.#observer.follow(this.#server.client)
    const parts = {
      server: this.#server,
      observer: this.#observer,
      journal: this.#journal,
      untilUp: () => pause(10),
      signal: this.#over.signal,
    }
    const users = Array.from({ length: USERS }, (_, index) => new User({ ...parts, name: `u${index}` }).run([]))
    const writers = Array.from({ length: WRITERS }, (_, index) => writeOn({ ...parts, name: `w${index}` }))
    this.#working = Promise.all([...users, ...writers, User.decide(parts)])
  }

  /** Cuts the machine off at some moment, and looks at what its disk holds. The machine then goes on. */
  async cut(): Promise<ImageResult> {
    const { folder, random } = this.#options
    const { events } = this.#observer
    const next = events.length + random.between(1, APART)
    await this.#observer.until(() => events.length >= next, { signal: this.#over.signal, from: events.length })
    await pause(random.between(0, 50))
    const pids = [...new Set([this.#server.pid, ...this.#server.processes()])]
    await freeze(pids)
    try {
      const journal = copyOf(this.#journal)
      const seen = [...this.#observer.seen]
      const copy = join(folder, "copy")
      await this.#disk.copyTo(copy)
      const { startMs, problems } = await this.#look(copy, async (server) =>
        findLosses({ seen, kept: await server.readAll(), journal }),
      )
      return { acknowledged: countOf(journal), seen: seen.length, startMs, problems }
    } finally {
      thaw(pids)
    }
  }

  async end() {
    this.#over.abort()
    await this.#working
    await this.#observer.stop()
    await this.#server.end("SIGTERM")
    this.endNow()
  }

  /** At once, whatever runs. */
  endNow() {
    for (const { disk, server } of [this.#copy, { disk: this.#disk, server: this.#server }].filter(isThere)) {
      server.killAll()
      disk.close()
    }
  }

  /** What another machine finds on the copy: with a server that begins on it, and with SQLite's own check. */
  async #look(copy: string, find: (server: ProvedServer) => Promise<readonly string[]>) {
    const disk = LoopDisk.mount(copy, join(this.#options.folder, "copied"))
    const server = serverOn(disk)
    this.#copy = { disk, server }
    try {
      if (!existsSync(join(server.stateDir, "aegis.db"))) return { startMs: 0, problems: ["lost: the whole log"] }
      const startMs = await server.start()
      const found = await find(server)
      await end(server)
      return { startMs, problems: [...found, ...checkDatabase(server.stateDir)] }
    } catch (error) {
      return { startMs: 0, problems: [`not opened: ${error instanceof Error ? error.message : String(error)}`] }
    } finally {
      await end(server)
      disk.close()
      this.#copy = undefined
    }
  }
}

function serverOn(disk: LoopDisk, options: ProvedServerOptions = {}) {
  const stateDir = join(disk.folder, "state")
  mkdirSync(stateDir, { recursive: true, mode: 0o700 })
  return new ProvedServer(stateDir, options)
}

async function end(server: ProvedServer) {
  server.killAll()
  await server.end("SIGKILL")
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined
}
