import { existsSync } from "node:fs"

/**
 * Whether this runs in a container. `container` in the environment says it, as systemd and Podman set it, and says no where
 * it is empty; else Kubernetes' own variable, or what Docker and Podman lay there.
 */
export function isInContainer(
  { container, KUBERNETES_SERVICE_HOST: kubernetes }: Readonly<Record<string, string | undefined>>,
  exists: (path: string) => boolean = existsSync,
) {
  if (container !== undefined) return container !== ""
  return kubernetes !== undefined || exists("/.dockerenv") || exists("/run/.containerenv")
}
