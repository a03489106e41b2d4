import { useState } from "react"
import { Link } from "wouter"
import { useSessions } from "./live/sessions-context.tsx"
import { visible } from "./parts/words.ts"
import { applyTheme, readTheme, type Theme, themes } from "./theme.ts"

export interface HeaderProps {
  /** Who is signed in. */
  readonly userId: string
  readonly onSignOut: () => void
}

export function Header({ userId, onSignOut }: HeaderProps) {
  return (
    <header className="header">
      <Link href="/" className="brand">
        <img src="/dashboard/icon.svg" alt="" width="22" height="22" />
        <span className="brand-name">Aegis</span>
      </Link>
      <ConnectionLight />
      <ThemeSwitch />
      <button
        type="button"
        className="button button-quiet"
        onClick={onSignOut}
        title={`Signed in as ${visible(userId)}`}
      >
        Sign out
      </button>
    </header>
  )
}

const words = { open: "Live", connecting: "Connecting …", lost: "Reconnecting …" } as const

/** Whether what is shown is what is: always visible. */
function ConnectionLight() {
  const { connection, error } = useSessions()
  const state = error === undefined ? connection : "failed"
  return (
    <span className={`connection connection-${state}`} role="status">
      <span className="connection-dot" aria-hidden="true" />
      {state === "failed" ? "Not connected" : words[state]}
    </span>
  )
}

const icons: Readonly<Record<Theme, string>> = { system: "◐", light: "☀", dark: "☾" }

function ThemeSwitch() {
  const [theme, setTheme] = useState(readTheme)
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? "system"
  const change = () => {
    applyTheme(next)
    setTheme(next)
  }
  return (
    <button
      type="button"
      className="button button-quiet button-icon"
      onClick={change}
      title={`Theme: ${theme}`}
      aria-label={`Theme: ${theme}. Change to ${next}`}
    >
      <span aria-hidden="true">{icons[theme]}</span>
    </button>
  )
}
