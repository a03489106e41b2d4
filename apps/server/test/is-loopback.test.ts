import { expect, it } from "vitest"
import { isLoopback } from "../src/is-loopback.ts"

it.each(["127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "localhost"])(
  "%s is",
  (host) => {
    expect(isLoopback(host)).toBe(true)
  },
)

// What is written in another way than addresses are may be anything to whoever looks it up.
it.each([
  "0.0.0.0",
  "::",
  "128.0.0.1",
  "126.255.255.255",
  "::2",
  "::ffff:10.0.0.1",
  "192.0.2.2",
  "127.1",
  "localhost.example",
  "127.0.0.1.example",
])("%s is not", (host) => {
  expect(isLoopback(host)).toBe(false)
})
