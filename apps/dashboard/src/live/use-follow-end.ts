import { useEffect, useLayoutEffect, useRef } from "react"

const NEAR = 120

/** Keeps the end of the page in sight while it grows, for as long as its reader has not scrolled away from it. */
export function useFollowEnd(growing: unknown) {
  const end = useRef<HTMLDivElement>(null)
  const isFollowing = useRef(true)
  useEffect(() => {
    const look = () => {
      const { scrollHeight, clientHeight, scrollTop } = document.documentElement
      isFollowing.current = scrollHeight - clientHeight - scrollTop < NEAR
    }
    window.addEventListener("scroll", look, { passive: true })
    return () => window.removeEventListener("scroll", look)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it depends on is that something has been added.
  useLayoutEffect(() => {
    if (isFollowing.current) end.current?.scrollIntoView({ block: "end" })
  }, [growing])
  return end
}
