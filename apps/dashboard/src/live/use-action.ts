import { useState } from "react"
import { messageOf } from "../sign-in.ts"

export interface Action {
  readonly isRunning: boolean
  /** What the last attempt failed of. */
  readonly failure: string | undefined
  /** Does it, once at a time; resolves to whether it went well. */
  readonly run: (action: () => Promise<unknown>) => Promise<boolean>
}

/** Something a person does: busy while it runs, its failure shown where it was done. */
export function useAction(): Action {
  const [state, setState] = useState<{ isRunning: boolean; failure?: string }>({ isRunning: false })
  return {
    isRunning: state.isRunning,
    failure: state.failure,
    async run(action) {
      if (state.isRunning) return false
      setState({ isRunning: true })
      try {
        await action()
        setState({ isRunning: false })
        return true
      } catch (error) {
        setState({ isRunning: false, failure: messageOf(error) })
        return false
      }
    },
  }
}
