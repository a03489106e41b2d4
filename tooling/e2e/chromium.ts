import { existsSync } from "node:fs"
import { type Browser, chromium } from "playwright-core"

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
]

/** The browser of this machine; undefined when it has none. CI has one, or has failed. */
export function findChromium(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const found = [env.AEGIS_CHROMIUM ?? "", ...places].find((path) => path !== "" && existsSync(path))
  if (found === undefined && env.CI !== undefined)
    throw new Error("CI tests the dashboard: install chromium, or set AEGIS_CHROMIUM to one.")
  return found
}

/** A name of another site that leads to this machine. */
export const FOREIGN_NAME = "elsewhere.example"

// Nothing of its own goes anywhere; as root it has no sandbox to stand in.
const quiet = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-proxy-server",
  `--host-resolver-rules=MAP ${FOREIGN_NAME} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
]

export function launchChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: quiet })
}
