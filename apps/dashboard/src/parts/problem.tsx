import { visible } from "./words.ts"

/** What went wrong, where it went wrong; nothing when nothing did. Read out as soon as it is there. */
export function Problem({ text }: { readonly text: string | undefined }) {
  if (text === undefined) return undefined
  return (
    <p className="problem" role="alert">
      {visible(text)}
    </p>
  )
}
