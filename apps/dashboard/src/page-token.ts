const KEY = "aegis-page-token"

// Where the browser keeps nothing for pages, a login lasts as long as the page.
let ofThisPage: string | undefined

/**
 * This origin's half of the login. Alone it opens nothing: the cookie is the other half, which no script can read. A
 * server on another port of this host is shown the cookie, and never this.
 */
export function readPageToken(): string | undefined {
  return ofThisPage ?? withStorage((storage) => storage.getItem(KEY)) ?? undefined
}

export function keepPageToken(pageToken: string) {
  ofThisPage = pageToken
  withStorage((storage) => storage.setItem(KEY, pageToken))
}

export function forgetPageToken() {
  ofThisPage = undefined
  withStorage((storage) => storage.removeItem(KEY))
}

function withStorage<T>(use: (storage: Storage) => T): T | undefined {
  try {
    return use(localStorage)
  } catch {
    // Refused by the browser's settings, or full.
    return undefined
  }
}
