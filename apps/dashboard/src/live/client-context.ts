import type { AegisClient } from "@aegis/client"
import { createContext, useContext } from "react"

export const ClientContext = createContext<AegisClient | undefined>(undefined)

/** The signed-in client. */
export function useClient(): AegisClient {
  const client = useContext(ClientContext)
  if (!client) throw new Error("This part of the page is for who is signed in.")
  return client
}
