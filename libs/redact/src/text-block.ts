/** As ACP has blocks of content: the text beside its type, or one level below. */
export type TextBlock = { readonly text: string } | { readonly content: { readonly text: string } }

/** The text of a block of content; undefined: it is none, or has none. */
export function textOf(item: unknown) {
  if (typeof item !== "object" || item === null) return undefined
  if ("text" in item && typeof item.text === "string") return item.text
  if (!("content" in item) || typeof item.content !== "object" || item.content === null) return undefined
  return "text" in item.content && typeof item.content.text === "string" ? item.content.text : undefined
}
