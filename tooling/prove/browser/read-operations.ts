import type { AegisClient } from "@aegis/client"

export interface Operation {
  readonly operationId: string
  readonly method: string
  /** Its path, with an id that nobody has. */
  readonly target: string
}

export const NOBODYS = "00000000-0000-4000-8000-000000000000"

/** All that the server's own document has. */
export async function readOperations(client: AegisClient): Promise<readonly Operation[]> {
  const { paths } = (await client.getOpenApiDocument()) as unknown as Document
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId }]) => ({
      operationId,
      method: method.toUpperCase(),
      target: path.replaceAll(/\{.+?\}/g, NOBODYS),
    })),
  )
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>
}
