import { expect, it } from "vitest"
import { isInContainer } from "../src/is-in-container.ts"

it.each([
  ["nothing says so", {}, [], false],
  ["Docker has laid its file", {}, ["/.dockerenv"], true],
  ["Podman has laid its file", {}, ["/run/.containerenv"], true],
  ["Podman says so", { container: "podman" }, [], true],
  ["Kubernetes says so", { KUBERNETES_SERVICE_HOST: "10.0.0.1" }, [], true],
  ["somebody says that it is none", { container: "", KUBERNETES_SERVICE_HOST: "10.0.0.1" }, ["/.dockerenv"], false],
])("where %s: %j, %j", (_where, env, files: string[], expected) => {
  expect(isInContainer(env, (path) => files.includes(path))).toBe(expected)
})
