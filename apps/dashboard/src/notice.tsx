import { useState } from "react"
import { visible } from "./parts/words.ts"

/** Said once, above the page, until it is put away. */
export function Notice({ text }: { readonly text: string | undefined }) {
  const [isShown, setIsShown] = useState(true)
  if (text === undefined || !isShown) return undefined
  return (
    <aside className="notice" role="status">
      <p>{visible(text)}</p>
      <button type="button" className="button" onClick={() => setIsShown(false)}>
        OK
      </button>
    </aside>
  )
}
