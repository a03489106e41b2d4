export const themes = ["system", "light", "dark"] as const
export type Theme = (typeof themes)[number]

const KEY = "aegis-theme"

/** The person's choice; the system's where there is none. No secret: it may stay in this browser. */
export function readTheme(): Theme {
  const stored = localStorage.getItem(KEY)
  return themes.find((theme) => theme === stored) ?? "system"
}

export function applyTheme(theme: Theme) {
  if (theme === "system") localStorage.removeItem(KEY)
  else localStorage.setItem(KEY, theme)
  document.documentElement.dataset.theme = theme
}
