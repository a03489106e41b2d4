import { expect, it } from "vitest"
import { findChromium } from "../e2e/chromium.ts"
import { proveBrowser } from "./prove-browser.ts"
import { proveInShort } from "./prove-in-short.ts"

it.skipIf(findChromium(process.env) === undefined)(
  "pnpm prove browser, in short: what pages and text bring a browser to do changes nothing and shows nothing",
  async () => {
    expect(await proveInShort(proveBrowser)).toContain("0 problems")
  },
  300_000,
)
