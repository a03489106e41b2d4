import { useEffect, useState } from "react"
import { Route, Router, Switch } from "wouter"
import { Header } from "./header.tsx"
import { ClientContext } from "./live/client-context.ts"
import { SessionsProvider } from "./live/sessions-context.tsx"
import { Notice } from "./notice.tsx"
import { HomePage } from "./pages/home-page.tsx"
import { NotFoundPage } from "./pages/not-found-page.tsx"
import { SessionPage } from "./pages/session-page.tsx"
import { SignInPage } from "./pages/sign-in-page.tsx"
import { type SignedIn, type SignIn, signOut } from "./sign-in.ts"
import { StopBanner } from "./stop-banner.tsx"

/** The pages, for whoever is signed in. */
export function App({ signingIn }: { readonly signingIn: Promise<SignIn> }) {
  const [state, setState] = useState<SignIn>()
  useEffect(() => void signingIn.then(setState), [signingIn])
  if (!state) return <div className="splash" role="status" aria-label="Signing in" />
  if (state.type === "signed-out")
    return <SignInPage onSignIn={setState} {...(state.reason === undefined ? {} : { reason: state.reason })} />
  return <Pages signedIn={state} onSignOut={() => void signOut(state.client).then(setState)} />
}

interface PagesProps {
  readonly signedIn: SignedIn
  readonly onSignOut: () => void
}

function Pages({ signedIn: { client, userId, notice }, onSignOut }: PagesProps) {
  return (
    <ClientContext value={client}>
      <SessionsProvider client={client}>
        <Router base="/dashboard">
          <a className="skip-link" href="#main">
            Skip to the content
          </a>
          <Header userId={userId} onSignOut={onSignOut} />
          <StopBanner />
          <main id="main">
            <Switch>
              <Route path="/" component={HomePage} />
              <Route path="/sessions/:id">{({ id }) => <SessionPage key={id} sessionId={id} />}</Route>
              <Route component={NotFoundPage} />
            </Switch>
          </main>
          <Notice text={notice} />
        </Router>
      </SessionsProvider>
    </ClientContext>
  )
}
