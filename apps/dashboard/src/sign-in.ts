import { AegisClient, AegisProblem } from "@aegis/client"

export type SignIn =
  | { readonly type: "signed-in"; readonly client: AegisClient }
  | { readonly type: "signed-out"; readonly reason?: string }

/**
 * Signs in by the one-time code of the address, else by the cookie of an earlier time. The code is taken out of the
 * address at once: it works no second time, and nobody should copy it.
 */
export async function signIn(location: Location, history: History): Promise<SignIn> {
  const code = codeOf(location)
  if (code !== null) history.replaceState(null, "", location.pathname)
  const client = new AegisClient(location.origin)
  try {
    if (code !== null) await client.exchangeLoginCode({ code })
    await client.verifyToken()
    return { type: "signed-in", client }
  } catch (error) {
    // The link was used before; the cookie that it gave may still be good.
    if (code !== null && (await isKnown(client))) return { type: "signed-in", client }
    if (code === null && isRefusal(error)) return { type: "signed-out" }
    return { type: "signed-out", reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Signs in again when a link is opened in a tab that shows these pages already: only the fragment changes then. */
export function watchForLink(window: Window) {
  window.addEventListener("hashchange", () => {
    if (codeOf(window.location) !== null) window.location.reload()
  })
}

function codeOf(location: Location) {
  return new URLSearchParams(location.hash.slice(1)).get("code")
}

/** Signs in with a token. It is kept in this page's memory only, and gone with it. */
export async function signInWithToken(location: Location, token: string): Promise<SignIn> {
  const client = new AegisClient(location.origin, token)
  try {
    await client.verifyToken()
    return { type: "signed-in", client }
  } catch (error) {
    return {
      type: "signed-out",
      reason: isRefusal(error) ? "This token is not known here. `ag token` prints the right one." : messageOf(error),
    }
  }
}

/** Ends the login, on the server too: nobody who comes after to this browser is in. */
export async function signOut(client: AegisClient): Promise<SignIn> {
  try {
    await client.logout()
    return { type: "signed-out" }
  } catch (error) {
    // It had ended already.
    if (isRefusal(error)) return { type: "signed-out" }
    return { type: "signed-out", reason: `The server has not ended this login: ${messageOf(error)}` }
  }
}

async function isKnown(client: AegisClient) {
  try {
    await client.verifyToken()
    return true
  } catch {
    // No cookie, or none that is good any more.
    return false
  }
}

function isRefusal(error: unknown) {
  return AegisProblem.is(error) && error.status === 401
}

/** What a failure says to a person. */
export function messageOf(error: unknown) {
  if (isRefusal(error)) return "You are signed out. `ag server status` prints a link that signs you in."
  return error instanceof Error ? error.message : String(error)
}
