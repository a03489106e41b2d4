import { memo } from "react"
import ReactMarkdown, { type Components } from "react-markdown"
import remarkGfm from "remark-gfm"
import { visible } from "./words.ts"

// Pictures would be fetched from wherever the agent says: their address is shown instead, to be followed by choice.
const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  ),
  img: ({ src, alt }) => (
    <a href={typeof src === "string" ? src : undefined} target="_blank" rel="noreferrer noopener nofollow">
      {alt === "" || alt === undefined ? "picture" : visible(alt)}
    </a>
  ),
  table: ({ children }) => (
    <div className="table-scroll">
      <table>{children}</table>
    </div>
  ),
}
const plugins = [remarkGfm]
const afterwards = [() => showHidden]

interface Node {
  value?: string
  readonly type: string
  readonly children?: readonly Node[]
}

// When the text has been read: a character may have been written as an entity.
function showHidden(node: Node) {
  if (node.type === "text") node.value = visible((node.value ?? "").replaceAll("\r\n", "\n"))
  for (const child of node.children ?? []) showHidden(child)
}

/** An agent's words. HTML in them is text: nothing of it is obeyed. */
export const Markdown = memo(function Markdown({ text }: { readonly text: string }) {
  return (
    <div className="markdown">
      <ReactMarkdown remarkPlugins={plugins} rehypePlugins={afterwards} components={components}>
        {text}
      </ReactMarkdown>
    </div>
  )
})
