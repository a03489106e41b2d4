import { Link } from "wouter"
import { useTitle } from "../live/sessions-context.tsx"

export function NotFoundPage() {
  useTitle("Not found")
  return (
    <section className="page empty">
      <h1>There is no such page</h1>
      <p>
        <Link href="/">All sessions</Link>
      </p>
    </section>
  )
}
