/** What the page of a browser shows that has come in by that link: its cookie and its page token. */
export async function signIn(
  link: string,
): Promise<Readonly<Record<"Cookie" | "X-Aegis-Page-Token" | "Origin", string>>> {
  const { origin, hash } = new URL(link)
  const response = await fetch(`${origin}/v1/auth/exchange`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: origin },
    body: JSON.stringify({ code: new URLSearchParams(hash.slice(1)).get("code") }),
  })
  const { pageToken } = (await response.json()) as { readonly pageToken: string }
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0] ?? ""
  return { Cookie: cookie, "X-Aegis-Page-Token": pageToken, Origin: origin }
}
