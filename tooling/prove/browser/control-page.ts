import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import type { Browser } from "playwright-core"
import type { Payload } from "./payloads.ts"

const TOGETHER = 30

/**
 * How many payloads run where nothing is escaped and no policy holds anything back. Whoever finds none of these would find
 * none in the dashboard either.
 */
export async function countRunning(browser: Browser, list: readonly Payload[]) {
  const documents = list.map(({ text }) => naive(text))
  const server = createServer((request, response) => {
    const [, index, way] = /^\/(\d+)\/(\d+)$/.exec(request.url ?? "") ?? []
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
    response.end(`<!doctype html><body>${documents[Number(index)]?.[Number(way)] ?? ""}`)
  })
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  const context = await browser.newContext()
  try {
    const page = await context.newPage()
    page.on("dialog", (dialog) => void dialog.dismiss())
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    let running = 0
    for (let from = 0; from < documents.length; from += TOGETHER) {
      const ways = documents.slice(from, from + TOGETHER).map(({ length }) => length)
      running += await page.evaluate<number>(`(${TRY_ALL})(${from}, ${JSON.stringify(ways)})`)
    }
    return running
  } finally {
    await context.close()
    server.closeAllConnections()
    server.close()
  }
}

/** As a page shows it that takes text for markup: as it is, Markdown's links by a pattern, and in an attribute. */
function naive(text: string) {
  const linked = text.replaceAll(/\[([^\]]*)\]\(<?([^)>]*)>?\)/g, '<a href="$2">$1</a>')
  return [linked, `<p title="${text}">x</p>`]
}

/** Opens each in a frame, touches and follows what is there, and counts those that have left their trace. */
const TRY_ALL = `async (from, ways) => {
  const touches = ["pointerover", "mouseover", "mouseenter", "focus", "click"]
  const after = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds))
  const tryOne = async (index, way) => {
    const frame = document.createElement("iframe")
    frame.src = "/" + index + "/" + way
    const isLoaded = new Promise((done) => { frame.onload = done })
    document.body.append(frame)
    await Promise.race([isLoaded, after(10_000)])
    let isRunning = false
    // A frame that has gone elsewhere is nobody's to look into.
    try {
      isRunning = "__pwned" in frame.contentWindow
      for (const element of frame.contentDocument.querySelectorAll("body *")) {
        for (const touch of touches) element.dispatchEvent(new Event(touch, { bubbles: true, cancelable: true }))
        if (/^javascript:/i.test(element.href ?? "")) element.click()
      }
      await after(20)
      isRunning ||= "__pwned" in frame.contentWindow
    } catch {}
    frame.remove()
    return isRunning
  }
  const tried = await Promise.all(ways.map((count, index) =>
    Promise.all(Array.from({ length: count }, (_, way) => tryOne(from + index, way)))))
  return tried.filter((each) => each.includes(true)).length
}`
