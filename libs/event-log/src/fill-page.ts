import type { StoredEvent } from "./encode-event.ts"
import type { PageOptions } from "./storage.ts"

/** Takes events until the page has as many, or as much, as it may have. */
export function fillPage(
  events: Iterable<StoredEvent>,
  { limit, maxCharacters = Number.POSITIVE_INFINITY }: Pick<PageOptions, "limit" | "maxCharacters">,
): readonly StoredEvent[] {
  const page: StoredEvent[] = []
  let characters = 0
  for (const event of events) {
    page.push(event)
    characters += event.data.length
    if (page.length >= limit || characters >= maxCharacters) break
  }
  return page
}
