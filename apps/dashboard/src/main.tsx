import { StrictMode } from "react"
import { createRoot } from "react-dom/client"
import { App } from "./app.tsx"
import { signIn, watchForLink } from "./sign-in.ts"
import { applyTheme, readTheme } from "./theme.ts"
import "./styles/base.css"
import "./styles/layout.css"
import "./styles/parts.css"
import "./styles/stream.css"
import "./styles/motion.css"

applyTheme(readTheme())
// Once, before the pages: a login code works no second time.
const signingIn = signIn(window.location, window.history)
watchForLink(window)
const root = document.getElementById("root")
if (root)
  createRoot(root).render(
    <StrictMode>
      <App signingIn={signingIn} />
    </StrictMode>,
  )
