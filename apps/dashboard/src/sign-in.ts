import { AegisClient, AegisProblem } from "@aegis/client"
import { forgetPageToken, keepPageToken, readPageToken } from "./page-token.ts"

export type SignIn = SignedIn | { readonly type: "signed-out"; readonly reason?: string }

export interface SignedIn {
  readonly type: "signed-in"
  readonly client: AegisClient
  readonly userId: string
  /** What the person should know of how it came to that. */
  readonly notice?: string
}

/**
 * Signs in by the login of an earlier time, else by the one-time code of the address. The code is taken out of the address
 * at once: it works no second time, and nobody should copy it. A link does not take the place of a login that is good:
 * whoever follows somebody else's would work under that name without seeing it (spec/threats.md, B8).
 */
export async function signIn(location: Location, history: History): Promise<SignIn> {
  const code = codeOf(location)
  if (code !== null) history.replaceState(null, "", location.pathname)
  const pageToken = readPageToken()
  const earlier = pageToken === undefined ? undefined : await signInWith(pageToken, location)
  if (code === null) return earlier ?? { type: "signed-out" }
  if (earlier?.type !== "signed-in") return signInWithCode(code, location)
  return { ...earlier, notice: `You are signed in already, as ${earlier.userId}. To use that link, sign out first.` }
}

async function signInWith(pageToken: string, { origin }: Location): Promise<SignIn> {
  const client = new AegisClient(origin, undefined, { pageToken })
  try {
    const { userId } = await client.verifyToken()
    return { type: "signed-in", client, userId }
  } catch (error) {
    return isRefusal(error) ? { type: "signed-out" } : { type: "signed-out", reason: messageOf(error) }
  }
}

async function signInWithCode(code: string, location: Location): Promise<SignIn> {
  try {
    const { pageToken } = await new AegisClient(location.origin).exchangeLoginCode({ code })
    keepPageToken(pageToken)
    return await signInWith(pageToken, location)
  } catch (error) {
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
    const { userId } = await client.verifyToken()
    return { type: "signed-in", client, userId }
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
    forgetPageToken()
    return { type: "signed-out" }
  } catch (error) {
    // It had ended already.
    if (isRefusal(error)) return { type: "signed-out" }
    return { type: "signed-out", reason: `The server has not ended this login: ${messageOf(error)}` }
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
