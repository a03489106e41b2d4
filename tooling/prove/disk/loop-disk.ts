import { spawnSync } from "node:child_process"
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { setTimeout as pause } from "node:timers/promises"

const MEGABYTE = 1024 * 1024
/** Where these programs are, which a person's path often leaves out. */
const env = { ...process.env, PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }

/**
 * A file system in a file, behind a loop device. The device writes to the file directly, past the page cache of the file
 * system that is mounted from it: the file holds what has reached the disk, and nothing of what only waits to be written.
 */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string
  readonly #image: string
  readonly #device: string

  private constructor(image: string, folder: string) {
    this.#image = image
    this.folder = folder
    mkdirSync(folder, { recursive: true })
    this.#device = run("losetup", ["--find", "--show", "--direct-io=on", image]).trim()
    try {
      run("mount", [this.#device, folder])
    } finally {
      // From now on the device goes by itself with the mount, whoever ends that.
      run("losetup", ["--detach", this.#device])
    }
  }

  /** An empty one. */
  static make(image: string, { folder, megabytes }: { readonly folder: string; readonly megabytes: number }) {
    const file = openSync(image, "w", 0o600)
    ftruncateSync(file, megabytes * MEGABYTE)
    closeSync(file)
    run("mkfs.ext4", ["-q", "-F", "-m", "0", image])
    return new LoopDisk(image, folder)
  }

  /** One with what a copy holds: as a machine finds it that was switched on again. */
  static mount(image: string, folder: string) {
    return new LoopDisk(image, folder)
  }

  /** The disk at one instant: a copy that the system wrote into meanwhile is made once more. */
  async copyTo(path: string) {
    for (;;) {
      const before = this.#written()
      if (before !== undefined) {
        run("cp", ["--sparse=always", this.#image, path])
        if (this.#written() === before) return
      }
      await pause(1)
    }
  }

  /** Twice is fine, and so is a process that still looks at it. */
  close() {
    const { status } = spawnSync("umount", [this.folder], { env })
    if (status !== 0) spawnSync("umount", ["--lazy", this.folder], { env })
  }

  /** How many writes are done; undefined while one is under way (the kernel's Documentation/block/stat.rst). */
  #written() {
    const counts = readFileSync(`/sys/block/${basename(this.#device)}/stat`, "utf8")
      .trim()
      .split(/\s+/)
      .map(Number)
    return counts[8] === 0 ? counts[4] : undefined
  }
}

/** Why there can be no loop disk on this machine; undefined where there can. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== "linux") return "loop devices are Linux'"
  if (process.getuid?.() !== 0) return "only root may mount"
  const folder = mkdtempSync(join(tmpdir(), "prove-loop-"))
  try {
    LoopDisk.make(join(folder, "image"), { folder: join(folder, "disk"), megabytes: 8 }).close()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command: string, words: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(command, words, { encoding: "utf8", env })
  if (error) throw new Error(`${command} cannot be run: ${error.message}`)
  if (status !== 0) throw new Error(`${command} failed: ${stderr.trim()}`)
  return stdout
}
