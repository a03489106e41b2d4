/**
 * Runs in a page that shows payloads: opens what is closed, touches everything, and returns what should not be there. Only
 * what the dashboard itself puts into its pages may stand in them, and text shows all of its characters.
 */
export const JUDGE_PAGE = `(() => {
  for (const details of document.querySelectorAll("details")) details.open = true
  const touches = ["pointerover", "mouseover", "mouseenter", "mousemove", "focus", "animationstart", "begin"]
  for (const element of document.body.querySelectorAll("*"))
    for (const touch of touches) element.dispatchEvent(new Event(touch, { bubbles: touch !== "mouseenter" && touch !== "focus" }))
  const own = (address) => { try { return new URL(address, location.origin).origin === location.origin } catch { return false } }
  const foreign = new Set(["IFRAME", "FRAME", "OBJECT", "EMBED", "BASE", "STYLE", "TEMPLATE", "VIDEO", "AUDIO", "SOURCE", "MARQUEE", "PORTAL"])
  const faults = new Set()
  for (const element of document.querySelectorAll("*")) {
    const name = element.tagName.toUpperCase()
    const html = element.outerHTML.slice(0, 200)
    if (foreign.has(name) || element.namespaceURI !== "http://www.w3.org/1999/xhtml") faults.add("has a " + name + ": " + html)
    if (["SCRIPT", "LINK", "IMG"].includes(name) && !own(element.src || element.href)) faults.add("fetches from elsewhere: " + html)
    if (name === "SCRIPT" && element.textContent !== "") faults.add("has a script of its own words: " + html)
    if (name === "META" && element.httpEquiv !== "") faults.add("has an order for the browser: " + html)
    if (name === "A" && element.hasAttribute("href") && !/^(https?|mailto|ircs?|xmpp):$/.test(element.protocol)) faults.add("has a link that is none: " + html)
    if (name === "A" && element.target === "_blank" && !/noopener/.test(element.rel)) faults.add("gives its window away: " + html)
    for (const { name: attribute } of element.attributes)
      if (/^on|^(srcdoc|action|formaction|ping|xlink:href)$/i.test(attribute)) faults.add("has " + attribute + ": " + html)
  }
  const hidden = /(?![\\t\\n\\u200d])[\\p{Cc}\\p{Cf}]/u
  const show = (text) => JSON.stringify(text.slice(0, 100)).replace(new RegExp(hidden, "gu"), (character) => "\\\\u{" + character.codePointAt(0).toString(16) + "}")
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const { data, parentElement } = texts.currentNode
    if (hidden.test(data)) faults.add("shows text that hides in <" + parentElement.tagName.toLowerCase() + " class='" + parentElement.className + "'>: " + show(data))
  }
  for (const element of document.body.querySelectorAll("[title], [aria-label], [placeholder], [alt]"))
    for (const attribute of ["title", "aria-label", "placeholder", "alt"]) {
      const text = element.getAttribute(attribute) ?? ""
      if (hidden.test(text)) faults.add("hides in the " + attribute + " of <" + element.tagName.toLowerCase() + " class='" + element.className + "'>: " + show(text))
    }
  return [...faults]
})()`

/** What a payload leaves when it has run, and what the page's policy had to hold back. */
export const READ_TRACES = `({ pwned: "__pwned" in window, held: window.__held ?? [] })`

/** Before anything of the page: whatever its policy holds back was tried, by somebody. */
export const WATCH_POLICY = `
window.__held = []
window.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) => {
  window.__held.push(violatedDirective + " " + blockedURI + " " + sample)
})`
