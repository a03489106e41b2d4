import { createElement } from "react"
import { renderToStaticMarkup } from "react-dom/server"
import { describe, expect, it } from "vitest"
import { Markdown } from "../src/parts/markdown.tsx"

const render = (text: string) => renderToStaticMarkup(createElement(Markdown, { text }))

describe("an agent's words", () => {
  it.each([
    ["in text", "a\u200bb", "a\\u{200b}b"],
    ["as an entity", "a&#x202e;b", "a\\u{202e}b"],
    ["in HTML, which is text", "<b title=\u200bx>\u202ey</b>", "title=\\u{200b}x&gt;\\u{202e}y"],
    ["in HTML of its own lines", "<!-- \u2069 -->", "&lt;!-- \\u{2069} --&gt;"],
    ["in code", "`a\u00adb`", "a\\u{ad}b"],
    ["in what stands for a picture", "![a\u200bb](http://x.example/y)", "a\\u{200b}b"],
  ])("hide nothing: %s", (_where, text, shown) => {
    const html = render(text)
    expect(html).toContain(shown)
    expect(html).not.toMatch(/[\u200b\u202e\u2069\u00ad]/)
  })

  it.each([
    ["[go](http://x.example/y)", "http://x.example/y"],
    ["[go](docs/a.md)", "docs/a.md"],
    ["https://x.example/y", "https://x.example/y"],
    ["![seen](http://x.example/y.png)", "http://x.example/y.png"],
  ])("lead where they say: %s", (text, href) => {
    expect(render(text)).toContain(`<a href="${href}" target="_blank" rel="noreferrer noopener nofollow">`)
  })

  it.each([
    "[go](http://x%22onmouseover=%5C%5Br)",
    "[go](https://example.in\ufffd)",
    "![seen](http://a%3Eb)",
    "https://ex\u202eden.example",
  ])("lead nowhere where there is nothing: %j", (text) => {
    expect(render(text)).not.toContain("<a")
  })
})
