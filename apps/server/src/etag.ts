/** Names the version that is answered with; 0 where there has been none. */
export function etagOf({ version }: { readonly version: number } = { version: 0 }) {
  return { ETag: `"${version}"` }
}

/** The version that `If-Match` names. */
export function versionOf(ifMatch: string | undefined) {
  return ifMatch === undefined ? undefined : Number(ifMatch.slice(1, -1))
}
