import { type FormEvent, useState } from "react"
import { Problem } from "../parts/problem.tsx"
import { type SignIn, signInWithToken } from "../sign-in.ts"

export interface SignInPageProps {
  readonly reason?: string
  readonly onSignIn: (state: SignIn) => void
}

/** For who came without a link. */
export function SignInPage({ reason, onSignIn }: SignInPageProps) {
  const [isBusy, setIsBusy] = useState(false)
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const token = new FormData(event.currentTarget).get("token")
    setIsBusy(true)
    const state = await signInWithToken(window.location, typeof token === "string" ? token.trim() : "")
    setIsBusy(false)
    onSignIn(state)
  }
  return (
    <main className="sign-in">
      <form className="card sign-in-card" onSubmit={(event) => void submit(event)}>
        <h1 className="brand">
          <img src="/dashboard/icon.svg" alt="" width="32" height="32" />
          Aegis
        </h1>
        <p>
          Open the link that <code>ag server status</code> prints. It signs this browser in, once.
        </p>
        <label className="field">
          <span>
            Or paste the token of <code>ag token</code>
          </span>
          <input name="token" type="password" autoComplete="off" required spellCheck={false} />
        </label>
        <Problem text={reason} />
        <button type="submit" className="button button-primary" disabled={isBusy}>
          Sign in
        </button>
        <p className="fine-print">The token stays in this page's memory and is gone when you close it.</p>
      </form>
    </main>
  )
}
