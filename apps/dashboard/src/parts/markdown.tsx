import { memo, type ReactNode } from "react"
import ReactMarkdown, { type Components } from "react-markdown"
import remarkGfm from "remark-gfm"
import { visible } from "./words.ts"

// Pictures would be fetched from wherever the agent says: their address is shown instead, to be followed by choice.
const components: Components = {
  a: ({ href, children }) => <Link to={href}>{children}</Link>,
  img: ({ src, alt }) => (
    <Link to={typeof src === "string" ? src : undefined}>
      {alt === "" || alt === undefined ? "picture" : visible(alt)}
    </Link>
  ),
  table: ({ children }) => (
    <div className="table-scroll">
      <table>{children}</table>
    </div>
  ),
}

/** What an address without a host begins with does not matter. */
const ANY = "http://localhost"

// What leads nowhere is text, whatever was meant by it.
function Link({ to, children }: { readonly to: string | undefined; readonly children?: ReactNode }) {
  if (to === undefined || !URL.canParse(to, ANY)) return <span>{children}</span>
  return (
    <a href={to} target="_blank" rel="noreferrer noopener nofollow">
      {children}
    </a>
  )
}

const plugins = [remarkGfm]
const afterwards = [() => showHidden]

interface Node {
  value?: string
  readonly type: string
  readonly children?: readonly Node[]
}

// When the text has been read: a character may have been written as an entity. HTML is text here, too (`raw`).
function showHidden(node: Node) {
  if (node.type === "text" || node.type === "raw") node.value = visible((node.value ?? "").replaceAll("\r\n", "\n"))
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
